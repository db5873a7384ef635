/** The posterior targets in float64: gradients, normalisation, modes and evidence. */
import { describe, expect, it } from 'vitest';
import { eightSchools, eightSchoolsData, eightSchoolsMoments } from '../../src/problems/eight-schools.ts';
import { funnel } from '../../src/problems/funnel.ts';
import { choleskyFactor, invertLower, logGamma, reverseCholesky, seededRandom } from '../../src/problems/generated-content.ts';
import { gaussianTarget, gmm20, gmm100, stm20, stm300, studentTarget } from '../../src/problems/generated-mixtures.ts';
import { breastCancer, germanCredit, logisticRegression } from '../../src/problems/logistic-regression.ts';
import { manyWell, manyWellPair } from '../../src/problems/many-well.ts';
import { network, networkRegression } from '../../src/problems/network-regression.ts';
import { planar1, planar4 } from '../../src/problems/planar-arm.ts';
import type { Problem } from '../../src/problems/problem.ts';

const { uniform, normal } = seededRandom(11);

const gradientAt = (problem: Problem, x: ArrayLike<number>) => {
  const out = new Float64Array(problem.dimension);
  problem.gradient!(Float64Array.from(x), out);
  return out;
};

/** The trapezoidal rule on [from, to], which converges exponentially for what falls off at both ends. */
function integral(f: (t: number) => number, from: number, to: number, step: number): number {
  let sum = 0;
  for (let t = from; t <= to; t += step) sum += f(t);
  return sum * step;
}

const regression = () => {
  const features = Array.from({ length: 40 }, () => [normal(), 5 + 2 * normal(), normal()]);
  return logisticRegression({ features, labels: features.map(([first]) => (first + normal() > 0 ? 1 : 0)) });
};

describe('gradients agree with central differences', () => {
  it.each([
    ...[gmm20, gmm100, stm20, stm300, planar1, planar4, network, eightSchools, funnel, manyWell].map(
      (family) => [family.name, family.at] as const,
    ),
    ['Gaussians that overlap', () => gaussianTarget(2, 40, 1)] as const,
    ['Student-t that overlap', () => studentTarget(3, 40, 1)] as const,
    ['logistic regression', regression] as const,
  ])('%s', (_, make) => {
    const problem = make();
    const { dimension, box, known } = problem;
    for (let probe = 0; probe < (dimension > 100 ? 2 : 10); probe++) {
      // In the box, and near a mode.
      const mode = probe % 2 ? known?.modes[0] : undefined;
      const x = Float64Array.from(box, ([low, high], i) => (mode ? mode[i] + 0.05 * normal() : low + (high - low) * uniform()));
      const gradient = gradientAt(problem, x);
      const steepest = Math.max(1, ...gradient.map(Math.abs));
      for (let i = 0; i < dimension; i += Math.ceil(dimension / 40)) {
        const h = 1e-5;
        const centre = x[i];
        x[i] = centre + h;
        const above = problem.value(x);
        x[i] = centre - h;
        const below = problem.value(x);
        x[i] = centre;
        expect(Math.abs((above - below) / (2 * h) - gradient[i])).toBeLessThan(1e-6 * steepest);
      }
    }
  });
});

describe('generated content', () => {
  it('comes from seeded numbers of the right kind', () => {
    const again = [seededRandom(3), seededRandom(3), seededRandom(4)].map((random) => Array.from({ length: 5 }, random.normal));
    expect(again[0]).toEqual(again[1]);
    expect(again[0]).not.toEqual(again[2]);
    const numbers = Array.from({ length: 40_000 }, normal);
    expect(Math.abs(numbers.reduce((sum, t) => sum + t, 0) / 40_000)).toBeLessThan(0.02);
    expect(numbers.reduce((sum, t) => sum + t * t, 0) / 40_000).toBeCloseTo(1, 1);
    expect(Math.abs(Array.from({ length: 40_000 }, uniform).reduce((sum, t) => sum + t, 0) / 40_000 - 0.5)).toBeLessThan(0.006);
  });

  it('factors both ways', () => {
    const matrix = Float64Array.of(4, 2, 1, 2, 5, 3, 1, 3, 6);
    const forth = choleskyFactor(matrix, 3);
    const back = reverseCholesky(matrix, 3);
    const inverse = invertLower(forth, 3);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        const sum = (term: (k: number) => number) => [0, 1, 2].reduce((total, k) => total + term(k), 0);
        expect(sum((k) => forth[i * 3 + k] * forth[j * 3 + k])).toBeCloseTo(matrix[i * 3 + j], 12);
        expect(sum((k) => back[k * 3 + i] * back[k * 3 + j])).toBeCloseTo(matrix[i * 3 + j], 12);
        expect(sum((k) => inverse[i * 3 + k] * forth[k * 3 + j])).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    for (const [x, wanted] of [
      [0.5, 0.5 * Math.log(Math.PI)],
      [1, 0],
      [6, Math.log(120)],
      [2.5, Math.log(0.75 * Math.sqrt(Math.PI))],
    ])
      expect(logGamma(x)).toBeCloseTo(wanted, 12);
  });
});

describe('mixtures', () => {
  it('are normalised', () => {
    // x = sinh(t) reaches the tails of the Student-t.
    for (const problem of [gaussianTarget(1, 3, 1), studentTarget(1, 3, 1)])
      expect(integral((t) => Math.exp(problem.value(Float64Array.of(Math.sinh(t)))) * Math.cosh(t), -18, 18, 0.002)).toBeCloseTo(1, 6);
    const plane = (problem: Problem) =>
      integral(
        (s) =>
          integral((t) => Math.exp(problem.value(Float64Array.of(Math.sinh(s), Math.sinh(t)))) * Math.cosh(t), -11, 11, 0.02) *
          Math.cosh(s),
        -11,
        11,
        0.02,
      );
    expect(plane(studentTarget(2, 2, 1))).toBeCloseTo(1, 6);
    const gaussians = gaussianTarget(2, 2, 1);
    const inner = (a: number) => integral((b) => Math.exp(gaussians.value(Float64Array.of(a, b))), -60, 60, 0.25);
    expect(integral(inner, -60, 60, 0.25)).toBeCloseTo(1, 6);
  });

  it('of one Student-t of dimension 1 have the density of two degrees of freedom', () => {
    const problem = studentTarget(1, 1, 5);
    const { means, factors } = problem.truth;
    const z = 1.3;
    const wanted = Math.log(factors[0][0] / (2 * Math.SQRT2 * (1 + (z * z) / 2) ** 1.5));
    expect(problem.value(Float64Array.of(means[0][0] + z / factors[0][0]))).toBeCloseTo(wanted, 10);
  });

  it('have the spread of their definition', () => {
    // Diagonal entries of A^T A + I have the mean 1 + D (0.1 D)^2 = 81 for D = 20.
    const mean = (numbers: readonly number[]) => numbers.reduce((sum, t) => sum + t, 0) / numbers.length;
    const unpack = (packed: Float64Array) => {
      const full = new Float64Array(400);
      for (let i = 0, at = 0; i < 20; i++) for (let j = 0; j <= i; j++) full[i * 20 + j] = packed[at++];
      return full;
    };
    const trace = (lower: Float64Array) => lower.reduce((sum, t) => sum + t * t, 0) / 20;
    expect(mean(gaussianTarget(20, 10, 1).truth.factors.map((factor) => trace(invertLower(unpack(factor), 20))))).toBeCloseTo(81, -1);
    expect(mean(studentTarget(20, 10, 1).truth.factors.map((factor) => trace(unpack(factor))))).toBeCloseTo(81, -1);
  });

  it.each([gmm20, gmm100, stm20, stm300])('$name has its means as modes', (family) => {
    const problem = family.at();
    const { modes, values } = problem.known!;
    expect(modes).toHaveLength(family.name === 'stm300' ? 20 : 10);
    for (const [k, mode] of modes.slice(0, 4).entries()) {
      expect(Math.max(...gradientAt(problem, mode).map(Math.abs))).toBeLessThan(1e-20);
      for (let probe = 0; probe < 4; probe++) {
        const x = Float64Array.from(mode, (t) => t + 1e-3 * normal());
        expect(problem.value(x)).toBeLessThan(values[k]);
      }
    }
  });

  it('are those of their seed', () => {
    expect(gaussianTarget(3, 2, 9).truth).toEqual(gaussianTarget(3, 2, 9).truth);
    expect(gaussianTarget(3, 2, 9).truth).not.toEqual(gaussianTarget(3, 2, 10).truth);
    expect(gaussianTarget(3, 2, 9).known).toBeUndefined();
    expect(() => studentTarget(0, 2, 9)).toThrow(RangeError);
  });
});

/**
 * The evidence of each goal of the planar arm: all joints but the first are drawn from a wider prior and weighted, the reach that
 * must be met is smoothed a little, and the first joint's density is taken where it points the arm at the goal.
 */
function planarEvidence(goalAngles: readonly number[]): number[] {
  const [count, width, wide] = [300_000, 0.06, 0.32];
  const sums = goalAngles.map(() => 0);
  for (let n = 0; n < count; n++) {
    let [angle, px, py, logWeight] = [0, 1, 0, 9 * Math.log(wide / 0.2)];
    for (let i = 1; i < 10; i++) {
      const z = normal();
      logWeight += 0.5 * z * z * (1 - (wide / 0.2) ** 2);
      angle += wide * z;
      px += Math.cos(angle);
      py += Math.sin(angle);
    }
    const short = (Math.hypot(px, py) - 7) / width;
    if (Math.abs(short) > 5) continue;
    // The mirror image is as likely.
    for (const turned of [Math.atan2(py, px), -Math.atan2(py, px)])
      for (const [g, goal] of goalAngles.entries())
        for (const turn of [-1, 0, 1])
          sums[g] += 0.5 * Math.exp(logWeight - 0.5 * short ** 2 - 0.5 * (goal - turned + 2 * Math.PI * turn) ** 2);
  }
  return sums.map((sum) => Math.log(sum / (count * width * 2 * Math.PI * 7)));
}

describe('the planar arm', () => {
  it('has the evidence listed, and the shares of its goals', () => {
    const parts = planarEvidence([0, 0.5, 1, -0.5].map((half) => half * Math.PI));
    const total = Math.log(parts.reduce((sum, part) => sum + Math.exp(part), 0));
    expect(Math.abs(parts[0] - planar1.at().logEvidence!)).toBeLessThan(0.15);
    expect(Math.abs(total - planar4.at().logEvidence!)).toBeLessThan(0.15);
    for (const [g, share] of [0.345, 0.285, 0.084, 0.286].entries())
      expect(Math.abs(Math.exp(parts[g] - total) - share)).toBeLessThan(0.015);
  });

  it('counts the nearest goal', () => {
    // Straight up: three links too far for the goal (0, 7).
    const x = Float64Array.from({ length: 10 }, (_, i) => (i === 0 ? Math.PI / 2 : 0));
    const norm = -Math.log(2 * Math.PI * 1e-4) - 5 * Math.log(2 * Math.PI) - 9 * Math.log(0.2);
    expect(planar4.at().value(x)).toBeCloseTo(norm - (Math.PI / 2) ** 2 / 2 - 0.5 * (3 / 0.01) ** 2, 6);
    expect(planar1.at().value(x)).toBeCloseTo(norm - (Math.PI / 2) ** 2 / 2 - 0.5 * (149 / 1e-4), 4);
  });
});

describe('targets with exact evidence', () => {
  it('eight schools: the evidence, mean and deviation of mu and tau by quadrature over log tau', () => {
    const { effects, errors } = eightSchoolsData;
    const sums = [0, 0, 0, 0, 0];
    for (let logTau = -15; logTau < 15; logTau += 0.005) {
      const tau = Math.exp(logTau);
      let [a, b, log] = [1 / 25, 0, -0.5 * Math.log(2 * Math.PI * 25)];
      for (const [j, y] of effects.entries()) {
        const variance = errors[j] ** 2 + tau ** 2;
        a += 1 / variance;
        b += y / variance;
        log -= 0.5 * (Math.log(2 * Math.PI * variance) + y ** 2 / variance);
      }
      log += 0.5 * (Math.log((2 * Math.PI) / a) + b ** 2 / a);
      const mass = (0.005 * Math.exp(log + logTau) * 2) / (5 * Math.PI * (1 + tau ** 2 / 25));
      for (const [m, moment] of [1, b / a, 1 / a + (b / a) ** 2, tau, tau ** 2].entries()) sums[m] += mass * moment;
    }
    expect(eightSchools.at().logEvidence).toBeCloseTo(Math.log(sums[0]), 8);
    const [, mu, mu2, tau, tau2] = sums.map((sum) => sum / sums[0]);
    for (const [listed, wanted] of [
      [eightSchoolsMoments.mu, [mu, Math.sqrt(mu2 - mu ** 2)]],
      [eightSchoolsMoments.tau, [tau, Math.sqrt(tau2 - tau ** 2)]],
    ] as const)
      for (const i of [0, 1]) expect(listed[i]).toBeCloseTo(wanted[i], 4);
  });

  it('eight schools: the density is the product of its parts', () => {
    const { effects, errors } = eightSchoolsData;
    const x = Float64Array.from({ length: 10 }, (_, i) => (i === 0 ? 4 : i === 1 ? 1.2 : 0.1 * i));
    const logNormal = (t: number, mean: number, s: number) => -0.5 * ((t - mean) / s) ** 2 - Math.log(s * Math.sqrt(2 * Math.PI));
    const tau = Math.exp(1.2);
    let wanted = logNormal(4, 0, 5) + Math.log(2 / (Math.PI * 5 * (1 + (tau / 5) ** 2))) + 1.2;
    for (let j = 0; j < 8; j++) wanted += logNormal(x[2 + j], 0, 1) + logNormal(effects[j], 4 + tau * x[2 + j], errors[j]);
    expect(eightSchools.at().value(x)).toBeCloseTo(wanted, 10);
  });

  it('funnel: the density is the product of its normals', () => {
    const x = Float64Array.of(1.5, 0.3, -2, 1);
    const root = 0.5 * Math.log(2 * Math.PI);
    const wanted = -(1.5 ** 2) / 18 - Math.log(3) - 4 * root - 3 * 0.75 - (0.09 + 4 + 1) / (2 * Math.exp(1.5));
    expect(funnel.at(4).value(x)).toBeCloseTo(wanted, 12);
  });

  it('many wells: evidence, wells and masses by quadrature', () => {
    const problem = manyWell.at();
    const pair = manyWell.at(4);
    const well = (t: number) => Math.exp(pair.value(Float64Array.of(t, 0, 0, 0)));
    const whole = integral(well, -6, 6, 1e-3);
    expect(problem.logEvidence).toBeCloseTo(16 * (Math.log(whole) + 0.5 * Math.log(2 * Math.PI)), 9);
    expect(integral(well, -6, -0.0416908, 1e-5) / whole).toBeCloseTo(manyWellPair.leftMass, 5);
    for (const t of [manyWellPair.left, manyWellPair.right]) expect(Math.abs(gradientAt(pair, [t, 0, t, 0])[0])).toBeLessThan(1e-12);
    expect(problem.value(Float64Array.from(problem.known!.modes[0]))).toBeCloseTo(problem.known!.values[0], 9);
    expect(() => manyWell.at(5)).toThrow('many-well takes an even dimension, not 5');
  });
});

describe('regressions', () => {
  it('stay finite where the logistic function saturates', () => {
    const problem = regression();
    for (const scale of [1e3, -1e3]) {
      const x = new Float64Array(problem.dimension).fill(scale);
      expect(Number.isFinite(problem.value(x))).toBe(true);
      expect(gradientAt(problem, x).every(Number.isFinite)).toBe(true);
    }
  });

  it('have the value of their definition', () => {
    const problem = logisticRegression({ features: [[1], [3]], labels: [1, 0], priorDeviation: 2 });
    // The deviation of 1 and 3 is 1.
    const wanted = -Math.log(1 + Math.exp(-0.7)) - Math.log(1 + Math.exp(1.1)) - 0.29 / 8 - Math.log(8 * Math.PI);
    expect(problem.value(Float64Array.of(0.5, 0.2))).toBeCloseTo(wanted, 12);
    // One unit a layer, all weights one.
    const small = networkRegression({ inputs: [[0.3]], targets: [2], hidden: [1, 1] });
    const logistic = (t: number) => 1 / (1 + Math.exp(-t));
    const output = 1 + logistic(1 + logistic(1.3));
    expect(small.value(new Float64Array(6).fill(1))).toBeCloseTo(-((2 - output) ** 2) - 3, 12);
  });

  it('has a network of 177 weights', () => expect(network.at().dimension).toBe(177));

  it('refuse what cannot be regressed', () => {
    const refused = (features: number[][], labels: number[]) => () => logisticRegression({ features, labels });
    expect(refused([[1], [2]], [1])).toThrow('2 rows of features and 1 labels');
    expect(refused([[1], [2, 3]], [1, 0])).toThrow('row 2 has 2 features where the first row has 1');
    expect(refused([[1], [2]], [1, 2])).toThrow('label 2 is 2, not 0 or 1');
    expect(
      refused(
        [
          [1, 4],
          [2, 4],
        ],
        [1, 0],
      ),
    ).toThrow('column 2 has the same value in every row');
    expect(refused([[1], [Number.NaN]], [1, 0])).toThrow('row 2, column 1 is NaN');
    expect(() => networkRegression({ inputs: [[1]], targets: [], hidden: [2, 2] })).toThrow('1 rows of inputs and 0 targets');
    expect(() => breastCancer('1 2 3')).toThrow('breast_cancer.data: the rows have 3 cells; this table has 32');
    expect(() => germanCredit(`${'1 '.repeat(24)}3`)).toThrow('german.data-numeric: row 1, column 25 is 3; a label is 1 or 2');
  });
});
