/** The objective that kernel tests run: smooth, coupled, with bounded derivatives, and with places where it gives nothing usable. */
import type { Boundary, ObjectiveText } from '../../src/kernels/compose.ts';
import { MAX_HESSIAN_DIM } from '../../src/kernels/state.ts';
import { PENALTY } from '../reference/boundary.ts';
import { type Matrix, sum, type Vector } from '../reference/matrix.ts';
import { entries, type Objective, type Setting } from '../reference/objective.ts';
import type { Content } from './kernels-content.ts';
import { DIVISION, EPSILON } from './kernels-tolerance.ts';

/** sum_i 1/(1 + x_i^2) - (x_i - centre_i)^2 / 4 + x_i x_{i+1} / 2; beyond bad[1] the value is bad[0], below bad[2] a derivative is. */
const text = `fn objective(x: Point) -> f32 {
  if (x[0] > bad[1]) { return bad[0]; }
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let apart = x[i] - centre[i];
    sum += 1.0 / (1.0 + x[i] * x[i]) - 0.25 * apart * apart;
    if (i + 1u < DIM) { sum += 0.5 * x[i] * x[i + 1u]; }
  }
  return sum;
}
fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  for (var i = 0u; i < DIM; i++) {
    let below = 1.0 + x[i] * x[i];
    var slope = -2.0 * x[i] / (below * below) - 0.5 * (x[i] - centre[i]);
    if (i > 0u) { slope += 0.5 * x[i - 1u]; }
    if (i + 1u < DIM) { slope += 0.5 * x[i + 1u]; }
    (*gradient)[i] = slope;
  }
  if (x[0] < bad[2]) { (*gradient)[DIM - 1u] = bad[0]; }
  return objective(x);
}
`;
const hessianText = `fn hessian(x: Point, h: ptr<function, Hessian>) {
  for (var i = 0u; i < DIM; i++) {
    for (var j = 0u; j < DIM; j++) {
      (*h)[i * DIM + j] = select(0.0, 0.5, i + 1u == j || j + 1u == i);
    }
    let square = x[i] * x[i];
    let below = 1.0 + square;
    (*h)[i * DIM + i] = (6.0 * square - 2.0) / (below * below * below) - 0.5;
  }
}
`;

export const testObjectiveText = (dim: number, sense: 1 | -1): ObjectiveText => ({
  user: { file: 'test.wgsl', text: dim <= MAX_HESSIAN_DIM ? text + hessianText : text },
  data: ['centre', 'bad'],
  sense,
});

export interface TestObjective extends Objective {
  centre: Vector;
  bad: Vector;
  /** Whether x is so near a place where usable values end that float32 may decide otherwise. */
  undecided(x: Vector, dx: Vector): boolean;
}

/** @param spoiled whether values are unusable on part of the box */
export function testObjective(content: Content, dim: number, spoiled: boolean): TestObjective {
  const centre = content.vector(dim, () => content.uniform(-1, 1));
  const rotten = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Math.fround(1e31)];
  const bad = spoiled ? [rotten[content.integer(4)], content.uniform(0, 1), content.uniform(-2, -0.5)] : [0, 1e30, -1e30];
  const neighbours = (x: Vector, i: number): number => 0.5 * ((x[i - 1] ?? 0) + (x[i + 1] ?? 0));
  return {
    centre,
    bad: bad.map(Math.fround),
    value(x) {
      if (x[0] > this.bad[1]) return this.bad[0];
      return sum(x.map((xi, i) => 1 / (1 + xi * xi) - 0.25 * (xi - centre[i]) ** 2 + 0.5 * xi * (x[i + 1] ?? 0)));
    },
    gradient(x) {
      const gradient = x.map((xi, i) => (-2 * xi) / (1 + xi * xi) ** 2 - 0.5 * (xi - centre[i]) + neighbours(x, i));
      if (x[0] < this.bad[2]) gradient[dim - 1] = this.bad[0];
      return gradient;
    },
    hessian(x) {
      return x.map((xi, i) => x.map((_, j) => (i === j ? (6 * xi * xi - 2) / (1 + xi * xi) ** 3 - 0.5 : Math.abs(i - j) === 1 ? 0.5 : 0)));
    },
    undecided(x, dx) {
      return Math.abs(x[0] - this.bad[1]) <= dx[0] || Math.abs(x[0] - this.bad[2]) <= dx[0];
    },
  };
}

/** Bounds on the objective in search coordinates at u, when u is off by up to du. */
export interface ObjectiveBounds {
  x: Vector;
  value: number;
  gradient: Vector;
  hessian: Matrix;
  /** On a face of the box, or where usable values end, float32 may take the other side. */
  undecided: boolean;
}

export function objectiveBounds(setting: Setting & { objective: TestObjective }, u: Vector, du: Vector): ObjectiveBounds {
  const { objective, boundary, box, firstTemperature } = setting;
  const at = entries(setting, u);
  const x = at.map((entry) => entry.x);
  const smooth = boundary === 'smooth';
  const bounded = boundary === 'bounded';
  const quarter = Math.PI / 2;
  // Position: a few products and sums of numbers of the box's size; sine and cosine to about 10 units, tanh to 9.
  // bounded: exp(-2 |u|), and so the slope, is off by 3 + 4 |u| units of itself; |d slope| < 0.77, |d bend| < 2 (of half a width).
  const reach = u.map((ui, i) => Math.abs(box[i][0]) + Math.abs(box[i][1]) + (box[i][1] - box[i][0]) * (1 + Math.abs(ui)));
  const half = box.map(([lo, hi]) => (hi - lo) / 2);
  const dx = u.map((_, i) => half[i] * (smooth ? quarter : 1) * du[i] + 10 * EPSILON * reach[i]);
  const tail = u.map((ui, i) => (bounded ? (14 + 4 * Math.abs(ui)) * EPSILON * at[i].slope : 0));
  const dSlope = u.map((_, i) =>
    bounded
      ? 0.77 * half[i] * du[i] + tail[i]
      : smooth
        ? quarter * quarter * half[i] * du[i] + 16 * EPSILON * reach[i]
        : 2 * EPSILON * half[i],
  );
  const dBend = u.map((_, i) =>
    bounded
      ? 2 * half[i] * du[i] + 2 * tail[i] + 20 * EPSILON * at[i].slope
      : smooth
        ? quarter ** 3 * half[i] * du[i] + 25 * EPSILON * reach[i]
        : 0,
  );
  const folds = boundary === 'reflect' || boundary === 'clamp' || boundary === 'penalise';
  const onFace = folds && u.some((ui, i) => Math.abs((((ui % 2) + 2) % 2) - 1) <= du[i] + 4 * EPSILON * (1 + Math.abs(ui)));

  // Absolute terms of the value, of its slope (|d/dx 1/(1+x^2)| < 0.65, second derivative 2, third 4.7).
  const values = x.map((xi, i) => 1 + 0.25 * (xi - objective.centre[i]) ** 2 + Math.abs(0.5 * xi * (x[i + 1] ?? 0)));
  const slopes = x.map(
    (xi, i) => 0.65 + 0.5 * Math.abs(xi - objective.centre[i]) + 0.5 * (Math.abs(x[i - 1] ?? 0) + Math.abs(x[i + 1] ?? 0)),
  );
  const dValue = sum(slopes.map((slope, i) => slope * dx[i] + 2 * dx[i] ** 2)) + (2 * x.length + 8) * EPSILON * sum(values);
  const dGradient = slopes.map((slope, i) => 2.5 * dx[i] + 0.5 * ((dx[i - 1] ?? 0) + (dx[i + 1] ?? 0)) + (8 * EPSILON + DIVISION) * slope);
  const dHessian = x.map((_, i) => x.map((_, j) => (i === j ? 4.7 * dx[i] + (12 * EPSILON + DIVISION) * 2.5 : 0)));

  const wall = PENALTY * firstTemperature;
  // The log-Jacobian: 2 (|u| + log(1 + e) - log 2), the logarithm to 2^-21, then a sum; tanh to 10 units; sech^2 as the slope.
  const size = u.map((ui) => 2 * Math.abs(ui) + 2);
  const dJacobian = bounded ? sum(u.map((_, i) => 2 * du[i] + (16 + (u.length + 3) * size[i]) * EPSILON)) : 0;
  const dPull = u.map((_, i) => (bounded ? 2 * du[i] + 24 * EPSILON : 0));
  const dPullSlope = u.map((_, i) => (bounded ? (2 * dSlope[i]) / half[i] + 8 * EPSILON : 0));
  const gradient = objective.gradient(x);
  const hessian = objective.hessian(x);
  return {
    x: dx,
    value:
      dValue +
      dJacobian +
      wall * sum(at.map(({ outside }, i) => 2 * Math.abs(outside) * du[i] + du[i] ** 2 + (x.length + 6) * EPSILON * outside ** 2)),
    gradient: at.map(
      (entry, i) =>
        Math.abs(entry.slope) * dGradient[i] +
        (Math.abs(gradient[i]) + dGradient[i]) * dSlope[i] +
        4 * EPSILON * Math.abs(gradient[i] * entry.slope) +
        2 * wall * (entry.outside !== 0 ? du[i] + 5 * EPSILON * (1 + Math.abs(u[i])) : 0) +
        dPull[i],
    ),
    hessian: at.map((row, i) =>
      at.map((column, j) => {
        const size = Math.abs(hessian[i][j]);
        const straight =
          Math.abs(row.slope * column.slope) * (dHessian[i][j] + 6 * EPSILON * size) +
          size * (Math.abs(row.slope) * dSlope[j] + Math.abs(column.slope) * dSlope[i] + dSlope[i] * dSlope[j]);
        if (i !== j) return straight;
        return (
          straight +
          dGradient[i] * Math.abs(row.bend) +
          Math.abs(gradient[i]) * (dBend[i] + 4 * EPSILON * Math.abs(row.bend)) +
          8 * EPSILON * wall +
          dPullSlope[i]
        );
      }),
    ),
    undecided: onFace || objective.undecided(x, dx),
  };
}

const boundaries: Boundary[] = ['reflect', 'clamp', 'penalise', 'smooth', 'none', 'bounded'];

/** A boundary for the n-th variant: in turn, shifted after each round, so that all meet every other flag that goes in turn. */
export const boundaryOf = (turn: number): Boundary => boundaries[(turn + Math.floor(turn / boundaries.length)) % boundaries.length];

/** A box that is not the unit one, and its GPU layout. */
export function testBox(content: Content, dim: number): { box: [number, number][]; layout: Float32Array<ArrayBuffer> } {
  const box = Array.from({ length: dim }, (): [number, number] => [content.uniform(-2, -0.5), content.uniform(0.3, 1.5)]);
  return { box, layout: Float32Array.from(box.flatMap(([lo, hi]) => [lo, hi, hi - lo, 0])) };
}
