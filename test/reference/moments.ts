/**
 * Whitened moments from samples (formulas/nva.md 3.4): per reduction leaf, and combined.
 * A leaf centres on its own mean; sums over leaves divide by the number of usable samples (ranked: by nothing). Stein's estimator on
 * a shared batch centres on the mean of the whole instead.
 */
import {
  add,
  addVectors,
  identity,
  type Matrix,
  outer,
  scale,
  scaleVector,
  sum,
  symmetricPart,
  type Vector,
  zeroMatrix,
  zeros,
} from './matrix.ts';

/** `quadratic`: no sums of draws. */
export type EstimatorName = 'score' | 'stein' | 'hessian' | 'ranked' | 'quadratic';

export interface Sample {
  /** Undefined: the objective gave no usable value, and the sample takes no part. */
  l: number | undefined;
  f: number;
  /** 1 for own samples, share_k N_k(x)/proposal(x) for a shared batch. */
  weight: number;
  /** Ranked only: what its rank earned. */
  utility: number;
  eps: Vector;
  /** Of a shared batch: where the row lies. */
  point?: Vector;
  /** h = L^T grad f */
  slope: Vector;
  /** L^T Hess f L */
  curvature: Matrix;
}

export interface Leaf {
  usable: number;
  weight: number;
  weightSquares: number;
  /** Weighted means of f and l; weighted squares of l about its mean. */
  f: number;
  l: number;
  lSquares: number;
  /** The best l and its sample's number; undefined where no sample is usable. */
  best: { l: number; sample: number } | undefined;
  gradient: Vector;
  matrix: Matrix;
  /** Weighted sum of eps, where the leaf does not centre. */
  draws?: Vector;
}

/** @param plain score: means of whitened draws as they are */
export function leafSums(
  samples: readonly Sample[],
  estimator: EstimatorName,
  dim: number,
  centre: 'leaf' | 'whole' = 'leaf',
  plain = false,
): Leaf {
  const usable = samples.filter((sample) => sample.l !== undefined);
  const weight = sum(usable.map((sample) => sample.weight));
  const mean = (what: (sample: Sample) => number) => (weight > 0 ? sum(usable.map((s) => s.weight * what(s))) / weight : 0);
  const f = mean((sample) => sample.f);
  const l = mean((sample) => sample.l!);
  const largest = Math.max(...usable.map((sample) => sample.l!));
  const bestSample = samples.findIndex((sample) => sample.l === largest);

  const vectors = (term: (sample: Sample) => Vector): Vector => usable.map(term).reduce(addVectors, zeros(dim));
  const matrices = (term: (sample: Sample) => Matrix): Matrix => usable.map(term).reduce(add, zeroMatrix(dim));
  /** eps eps^T - I */
  const second = (sample: Sample): Matrix => add(outer(sample.eps, sample.eps), scale(-1, identity(dim)));

  let gradient: Vector;
  let matrix: Matrix;
  if (estimator === 'score') {
    // The baseline is the leaf's own mean, which makes the mean too small by (n - 1)/n.
    const n = usable.length;
    const centred = (sample: Sample) => sample.weight * (sample.f - f) * (n > 1 && !plain ? n / (n - 1) : 1);
    gradient = vectors((sample) => scaleVector(centred(sample), sample.eps));
    matrix = matrices((sample) => scale(centred(sample), second(sample)));
  } else if (estimator === 'quadratic') {
    gradient = zeros(dim);
    matrix = zeroMatrix(dim);
  } else if (estimator === 'ranked') {
    gradient = vectors((sample) => scaleVector(sample.utility, sample.eps));
    matrix = matrices((sample) => scale(sample.utility, second(sample)));
  } else {
    gradient = vectors((sample) => scaleVector(sample.weight, sample.slope));
    const meanSlope = scaleVector(weight > 0 && centre === 'leaf' ? 1 / weight : 0, gradient);
    matrix =
      estimator === 'hessian'
        ? matrices((sample) => scale(sample.weight, sample.curvature))
        : matrices((sample) =>
            scale(sample.weight, symmetricPart(outer(sample.eps, addVectors(sample.slope, scaleVector(-1, meanSlope))))),
          );
  }
  return {
    usable: usable.length,
    weight,
    weightSquares: sum(usable.map((sample) => sample.weight ** 2)),
    f,
    l,
    lSquares: sum(usable.map((sample) => sample.weight * (sample.l! - l) ** 2)),
    best: usable.length > 0 ? { l: largest, sample: bestSample } : undefined,
    gradient,
    matrix,
    draws: centre === 'whole' ? vectors((sample) => scaleVector(sample.weight, sample.eps)) : undefined,
  };
}

/** What Stein's sums over a shared batch divide by; see UpdateSpec. */
export interface Division {
  by: 'count' | 'one' | 'weight' | 'share';
  rows: number;
  logShare: number;
}

export function divisorOf(samples: readonly Sample[], { by, rows, logShare }: Division): number {
  const usable = samples.filter((sample) => sample.l !== undefined);
  if (by === 'one') return 1;
  if (by === 'count') return Math.max(usable.length, 1);
  return Math.max(by === 'weight' ? sum(usable.map((sample) => sample.weight)) : rows * Math.exp(logShare), 1e-30);
}

/** g = mean h, G = (mean sym eps h^T - sym (mean eps)(mean h)^T) n/(n - 1), n the effective number of samples. */
export function wholeMoments(samples: readonly Sample[], dim: number, division: Division): { g: Vector; G: Matrix; effective: number } {
  const D = divisorOf(samples, division);
  const usable = samples.filter((sample) => sample.l !== undefined);
  const mean = (what: (sample: Sample) => Vector): Vector =>
    scaleVector(1 / D, usable.map((sample) => scaleVector(sample.weight, what(sample))).reduce(addVectors, zeros(dim)));
  const g = mean((sample) => sample.slope);
  const products = usable
    .map((sample) => scale(sample.weight, symmetricPart(outer(sample.eps, sample.slope))))
    .reduce(add, zeroMatrix(dim));
  const squares = sum(usable.map((sample) => sample.weight ** 2));
  const effective = sum(usable.map((sample) => sample.weight)) ** 2 / Math.max(squares, 1e-30);
  const apart = symmetricPart(
    outer(
      mean((sample) => sample.eps),
      g,
    ),
  );
  return { g, G: scale(effective / Math.max(effective - 1, 1e-3), add(scale(1 / D, products), scale(-1, apart))), effective };
}

export interface Moments {
  usable: number;
  /** (sum w)^2 / sum w^2 */
  effective: number;
  /** Undefined where nothing has a value. */
  F: number | undefined;
  V: number | undefined;
  best: number | undefined;
  g: Vector;
  G: Matrix;
}

/** Leaves -> moments. `sumsAreMeans`: utilities are normalised already. */
export function combine(leaves: readonly Leaf[], sumsAreMeans: boolean): Moments {
  const usable = sum(leaves.map((leaf) => leaf.usable));
  const weight = sum(leaves.map((leaf) => leaf.weight));
  const squares = sum(leaves.map((leaf) => leaf.weightSquares));
  const divisor = sumsAreMeans ? 1 : Math.max(usable, 1);
  const l = sum(leaves.map((leaf) => leaf.weight * leaf.l)) / weight;
  const bests = leaves.flatMap((leaf) => (leaf.best ? [leaf.best.l] : []));
  return {
    usable,
    effective: squares > 0 ? weight ** 2 / squares : 0,
    F: weight > 0 ? sum(leaves.map((leaf) => leaf.weight * leaf.f)) / weight : undefined,
    V: weight > 0 ? sum(leaves.map((leaf) => leaf.lSquares + leaf.weight * (leaf.l - l) ** 2)) / weight : undefined,
    best: bests.length > 0 ? Math.max(...bests) : undefined,
    g: scaleVector(1 / divisor, leaves.map((leaf) => leaf.gradient).reduce(addVectors)),
    G: scale(1 / divisor, leaves.map((leaf) => leaf.matrix).reduce(add)),
  };
}

/** `samples` dealt out to `leaves` in order, in parts whose sizes differ by at most one, larger ones first. */
export function leafRanges(samples: number, leaves: number): { first: number; count: number }[] {
  const ranges: { first: number; count: number }[] = [];
  let first = 0;
  for (let leaf = 0; leaf < leaves; leaf++) {
    const count = Math.floor(samples / leaves) + (leaf < samples % leaves ? 1 : 0);
    ranges.push({ first, count });
    first += count;
  }
  return ranges;
}
