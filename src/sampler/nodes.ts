/**
 * Fixed nodes for expectations under a Gaussian, in whitened coordinates: made once on the host in float64. A row holds the coordinates of
 * a node and its weight; weights sum to one.
 */
import { purpose, RandomStream } from '../mixture/random.ts';

export interface Nodes {
  readonly count: number;
  /** `count` rows of dim + 1 numbers. */
  readonly rows: Float64Array;
}

/** Standard normal draws; `whitened`: with mean 0 and covariance I exactly, as sums over them. */
export function drawnNodes(dim: number, count: number, seed: number, whitened: boolean): Nodes {
  const random = new RandomStream(seed, purpose.nodes);
  const rows = new Float64Array(count * (dim + 1));
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < dim; i++) rows[j * (dim + 1) + i] = random.normal();
    rows[j * (dim + 1) + dim] = 1 / count;
  }
  if (whitened) whiten(rows, dim, count);
  return { count, rows };
}

/** Tensor Gauss-Hermite: `order` nodes an axis. */
export function hermiteNodes(dim: number, order: number): Nodes {
  const { nodes, weights } = hermite(order);
  const count = order ** dim;
  const rows = new Float64Array(count * (dim + 1));
  for (let j = 0; j < count; j++) {
    let weight = 1;
    let rest = j;
    for (let i = 0; i < dim; i++) {
      rows[j * (dim + 1) + i] = nodes[rest % order]!;
      weight *= weights[rest % order]!;
      rest = Math.floor(rest / order);
    }
    rows[j * (dim + 1) + dim] = weight;
  }
  return { count, rows };
}

/** The mean alone: exact for what is linear. */
export const meanNode = (dim: number): Nodes => ({ count: 1, rows: Float64Array.from({ length: dim + 1 }, (_, i) => (i === dim ? 1 : 0)) });

/** 0 and +-sqrt(d) e_i, all alike. */
export const equalSigmaNodes = (dim: number): Nodes => axisNodes(dim, Math.sqrt(dim), 1 / (2 * dim + 1), 1 / (2 * dim + 1));

/** 0 with 1 - d/c^2 and +-c e_i with 1/(2c^2), c = sqrt 3: of third degree, of fifth along axes. */
export const unscentedNodes = (dim: number): Nodes => axisNodes(dim, Math.sqrt(3), 1 - dim / 3, 1 / 6);

/** +-sqrt(d) e_i with 1/(2d): third degree, positive weights. */
export function cubatureNodes(dim: number): Nodes {
  const { count, rows } = axisNodes(dim, Math.sqrt(dim), 0, 1 / (2 * dim));
  return { count: count - 1, rows: rows.subarray(dim + 1) };
}

function axisNodes(dim: number, distance: number, central: number, other: number): Nodes {
  const count = 2 * dim + 1;
  const rows = new Float64Array(count * (dim + 1));
  for (let j = 0; j < count; j++) {
    if (j > 0) rows[j * (dim + 1) + Math.floor((j - 1) / 2)] = j % 2 === 1 ? distance : -distance;
    rows[j * (dim + 1) + dim] = j === 0 ? central : other;
  }
  return { count, rows };
}

/** Takes the mean off and applies the inverse Cholesky factor of the covariance. */
function whiten(rows: Float64Array, dim: number, count: number): void {
  const stride = dim + 1;
  for (let i = 0; i < dim; i++) {
    let mean = 0;
    for (let j = 0; j < count; j++) mean += rows[j * stride + i]! / count;
    for (let j = 0; j < count; j++) rows[j * stride + i]! -= mean;
  }
  const factor = new Float64Array(dim * dim);
  for (let a = 0; a < dim; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += rows[j * stride + a]! * rows[j * stride + b]!;
      sum /= count;
      for (let k = 0; k < b; k++) sum -= factor[a * dim + k]! * factor[b * dim + k]!;
      factor[a * dim + b] = a === b ? Math.sqrt(sum) : sum / factor[b * dim + b]!;
    }
  }
  for (let j = 0; j < count; j++) {
    for (let a = 0; a < dim; a++) {
      let sum = rows[j * stride + a]!;
      for (let b = 0; b < a; b++) sum -= factor[a * dim + b]! * rows[j * stride + b]!;
      rows[j * stride + a] = sum / factor[a * dim + a]!;
    }
  }
}

/** Nodes and weights of Gauss quadrature under N(0, 1): roots of the Hermite polynomial by bisection. */
function hermite(order: number): { nodes: number[]; weights: number[] } {
  // Normalised polynomials h_n = He_n / sqrt(n!), and the one before.
  const evaluate = (x: number): [number, number] => {
    let before = 0;
    let now = 1;
    for (let n = 0; n < order; n++) [before, now] = [now, (x * now - Math.sqrt(n) * before) / Math.sqrt(n + 1)];
    return [now, before];
  };
  // Roots are told apart by sign changes: they lie at least pi / (2 sqrt(order)) apart within +-2 sqrt(order).
  const nodes: number[] = [];
  const reach = 2 * Math.sqrt(order) + 1;
  const steps = 40 * order;
  let left = -reach;
  // A value of 0 counts as below it, so that a root on a step is one change.
  const above = (x: number): boolean => evaluate(x)[0] > 0;
  let wasAbove = above(left);
  for (let step = 1; step <= steps; step++) {
    const right = -reach + (2 * reach * step) / steps;
    const now = above(right);
    if (now !== wasAbove) {
      let [low, high] = [left, right];
      for (let halving = 0; halving < 80; halving++) {
        const middle = 0.5 * (low + high);
        if (above(middle) === wasAbove) low = middle;
        else high = middle;
      }
      nodes.push(0.5 * (low + high));
    }
    [left, wasAbove] = [right, now];
  }
  return { nodes, weights: nodes.map((x) => 1 / (order * evaluate(x)[1] ** 2)) };
}
