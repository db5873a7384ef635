/**
 * What is known of the parameters before the data. Inversion works in unconstrained coordinates v, in which the prior is Gaussian; a
 * parameter with bounds is a smooth function of its v. Search coordinates are u = (v - mean) / deviation, axis by axis.
 */
import { OptionError } from '../gpu/errors.ts';

/** One parameter in physical units. `mean` and `deviation` are the parameter's own. */
export type Marginal =
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  /** Above `lower` (default 0). */
  | { readonly kind: 'log-normal'; readonly mean: number; readonly deviation: number; readonly lower?: number }
  | { readonly kind: 'uniform'; readonly lower: number; readonly upper: number }
  /** Between bounds, bell-shaped or, with a deviation beyond about .29 of the width, heaped at both. */
  | { readonly kind: 'logit'; readonly mean: number; readonly deviation: number; readonly lower: number; readonly upper: number };

/** A Gaussian prior (numbers hold for every parameter), or one marginal for each parameter or for all. */
export type PriorOptions =
  | { readonly mean?: number | readonly number[]; readonly deviation?: number | readonly number[] }
  | { readonly mean?: number | readonly number[]; readonly covariance: readonly (readonly number[])[] }
  | Marginal
  | readonly Marginal[];

/** By their numbers in shaders. */
export const transformNumber = { none: 0, exponential: 1, uniform: 2, logistic: 3 } as const;

/** How a parameter follows from its unconstrained coordinate v. */
export interface Transform {
  /** `none`: v itself; `exponential`: lower + exp v; `uniform`: lower + width Phi(v); `logistic`: lower + width / (1 + exp -v). */
  readonly kind: keyof typeof transformNumber;
  /** The lower bound, 0 where there is none. */
  readonly lower: number;
  /** Distance of the bounds, 1 where there are not two. */
  readonly width: number;
}

export interface Prior {
  readonly dim: number;
  /** Of v. Where there is no prior: the origin and unit of search coordinates. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Of v, the lower Cholesky factor of the correlations, and its inverse, row by row; undefined: independent. */
  readonly correlation?: { readonly factor: Float64Array; readonly inverse: Float64Array } | undefined;
  /** False: flat, all that is known being in the data. */
  readonly proper: boolean;
  readonly transforms: readonly Transform[];
  /** Whether theta is v. */
  readonly plain: boolean;
}

const none: Transform = { kind: 'none', lower: 0, width: 1 };

/** @throws OptionError naming the parameter at fault. */
export function readPrior(prior: PriorOptions | undefined, dim: number): Prior {
  if (prior === undefined) {
    const transforms = new Array<Transform>(dim).fill(none);
    return { dim, mean: new Float64Array(dim), deviation: new Float64Array(dim).fill(1), proper: false, transforms, plain: true };
  }
  if (typeof prior !== 'object' || prior === null) throw new OptionError('prior must be an object, or a list with one for each parameter');
  if (Array.isArray(prior) || 'kind' in prior) return marginalPrior(prior as Marginal | readonly Marginal[], dim);
  const transforms = new Array<Transform>(dim).fill(none);
  const given = prior as {
    mean?: number | readonly number[];
    deviation?: number | readonly number[];
    covariance?: readonly (readonly number[])[];
  };
  for (const name of Object.keys(given)) {
    if (!['mean', 'deviation', 'covariance'].includes(name))
      throw new OptionError(`unknown prior option "${name}"; known: mean, deviation, covariance, or marginals with a kind`);
  }
  const mean = perParameter('prior.mean', given.mean ?? 0, dim);
  if (given.covariance === undefined) {
    const deviation = perParameter('prior.deviation', given.deviation ?? 1, dim);
    const bad = deviation.findIndex((value) => !(value > 0));
    if (bad >= 0) throw new OptionError(`prior.deviation: number ${bad + 1} is ${deviation[bad]}; it must be above 0`);
    return { dim, mean, deviation, proper: true, transforms, plain: true };
  }
  if (given.deviation !== undefined) throw new OptionError('prior: give deviation or covariance, not both');
  const covariance = readSymmetric('prior.covariance', given.covariance, dim);
  const deviation = Float64Array.from({ length: dim }, (_, i) => Math.sqrt(covariance[i * dim + i]!));
  const correlations = covariance.map((entry, at) => entry / (deviation[Math.floor(at / dim)]! * deviation[at % dim]!));
  const factor = spdFactor('prior.covariance', covariance, correlations, dim);
  return { dim, mean, deviation, correlation: { factor, inverse: invertLower(factor, dim) }, proper: true, transforms, plain: true };
}

/** theta of unconstrained coordinates. */
export function toPhysical(v: ArrayLike<number>, prior: Pick<Prior, 'dim' | 'transforms'>): Float64Array {
  return Float64Array.from({ length: prior.dim }, (_, i) => {
    const { kind, lower, width } = prior.transforms[i]!;
    if (kind === 'exponential') return lower + Math.exp(v[i]!);
    if (kind === 'uniform') return lower + width * normalShare(v[i]!);
    if (kind === 'logistic') return lower + width / (1 + Math.exp(-v[i]!));
    return v[i]!;
  });
}

/** v of theta; NaN where a parameter is not inside its bounds. */
export const toUnconstrained = (theta: ArrayLike<number>, prior: Prior): Float64Array =>
  Float64Array.from({ length: prior.dim }, (_, i) => unconstrainedOf(theta[i]!, prior.transforms[i]!));

/** Of one parameter. */
export function unconstrainedOf(theta: number, { kind, lower, width }: Transform): number {
  const above = theta - lower;
  if (kind === 'none') return theta;
  if (!(above > 0) || (kind !== 'exponential' && !(above < width))) return Number.NaN;
  if (kind === 'exponential') return Math.log(above);
  if (kind === 'logistic') return Math.log(above / (width - above));
  let low = -9;
  let high = 9;
  for (let halving = 0; halving < 80; halving++) {
    const middle = 0.5 * (low + high);
    if (normalShare(middle) < above / width) low = middle;
    else high = middle;
  }
  return 0.5 * (low + high);
}

/** log density of the prior at v, normalised; 0 where there is none. */
export function logPrior(v: ArrayLike<number>, prior: Prior): number {
  if (!prior.proper) return 0;
  const { dim, mean, deviation, correlation } = prior;
  let sum = -0.5 * dim * Math.log(2 * Math.PI);
  for (let i = 0; i < dim; i++) {
    let residual = (v[i]! - mean[i]!) / deviation[i]!;
    sum -= Math.log(deviation[i]!);
    if (correlation) {
      residual = 0;
      for (let j = 0; j <= i; j++) residual += (correlation.inverse[i * dim + j]! * (v[j]! - mean[j]!)) / deviation[j]!;
      sum += Math.log(correlation.inverse[i * dim + i]!);
    }
    sum -= 0.5 * residual * residual;
  }
  return sum;
}

function marginalPrior(given: Marginal | readonly Marginal[], dim: number): Prior {
  const list = Array.isArray(given) ? (given as readonly Marginal[]) : new Array<Marginal>(dim).fill(given as Marginal);
  if (list.length !== dim) throw new OptionError(`prior has ${list.length} marginals, and there are ${dim} parameters; give one for each`);
  const mean = new Float64Array(dim);
  const deviation = new Float64Array(dim);
  const transforms = list.map((marginal, i) => {
    const { location, scale, transform } = readMarginal(marginal, `prior[${i}]`);
    mean[i] = location;
    deviation[i] = scale;
    return transform;
  });
  return { dim, mean, deviation, proper: true, transforms, plain: transforms.every(({ kind }) => kind === 'none') };
}

function readMarginal(marginal: Marginal, where: string): { location: number; scale: number; transform: Transform } {
  const bad = (what: string): OptionError => new OptionError(`${where}: ${what}`);
  const wanted = {
    normal: ['mean', 'deviation'],
    'log-normal': ['mean', 'deviation'],
    uniform: ['lower', 'upper'],
    logit: ['mean', 'deviation', 'lower', 'upper'],
  };
  if (typeof marginal !== 'object' || marginal === null) throw bad('must be an object with a kind: normal, log-normal, uniform or logit');
  for (const [name, value] of Object.entries(marginal)) {
    if (name !== 'kind' && !Number.isFinite(value)) throw bad(`${name} is ${value}; it must be a finite number`);
  }
  const names = Object.hasOwn(wanted, marginal.kind) ? wanted[marginal.kind] : [];
  for (const name of names) if (!(name in marginal)) throw bad(`${name} is missing: a ${marginal.kind} prior has ${names.join(', ')}`);
  for (const name of Object.keys(marginal)) {
    const known = ['kind', ...names, ...(marginal.kind === 'log-normal' ? ['lower'] : [])];
    if (names.length > 0 && !known.includes(name)) throw bad(`unknown "${name}"; a ${marginal.kind} prior has ${names.join(', ')}`);
  }
  if ('deviation' in marginal && !(marginal.deviation > 0)) throw bad(`deviation is ${marginal.deviation}; it must be above 0`);
  switch (marginal.kind) {
    case 'normal':
      return { location: marginal.mean, scale: marginal.deviation, transform: none };
    case 'log-normal': {
      const lower = marginal.lower ?? 0;
      const above = marginal.mean - lower;
      if (!(above > 0)) throw bad(`mean is ${marginal.mean}; it must be above ${lower}`);
      const variance = Math.log1p((marginal.deviation / above) ** 2);
      return { location: Math.log(above) - variance / 2, scale: Math.sqrt(variance), transform: { kind: 'exponential', lower, width: 1 } };
    }
    case 'uniform':
    case 'logit': {
      const { lower, upper } = marginal;
      const width = upper - lower;
      if (!(width > 0)) throw bad(`lower is ${lower} and upper is ${upper}; lower must be below upper`);
      if (marginal.kind === 'uniform') return { location: 0, scale: 1, transform: { kind: 'uniform', lower, width } };
      const { location, scale } = logitNormal((marginal.mean - lower) / width, marginal.deviation / width, bad);
      return { location, scale, transform: { kind: 'logistic', lower, width } };
    }
    default:
      throw bad(`kind is "${(marginal as { kind: unknown }).kind}"; it must be normal, log-normal, uniform or logit`);
  }
}

/** Location and scale of the logit-normal with this mean and deviation on (0, 1): its scale by bisection, its location inside of that. */
function logitNormal(mean: number, deviation: number, bad: (what: string) => OptionError): { location: number; scale: number } {
  if (!(mean > 0 && mean < 1)) throw bad('mean must lie between lower and upper');
  if (!(deviation < Math.sqrt(mean * (1 - mean))))
    throw bad('deviation is larger than any distribution between these bounds with this mean has');
  const moments = (location: number, scale: number): [number, number] => {
    let first = 0;
    let second = 0;
    let total = 0;
    for (let z = -8; z <= 8; z += 1 / 16) {
      const weight = Math.exp(-0.5 * z * z);
      const share = 1 / (1 + Math.exp(-location - scale * z));
      total += weight;
      first += weight * share;
      second += weight * share * share;
    }
    return [first / total, Math.sqrt(Math.max(second / total - (first / total) ** 2, 0))];
  };
  const bisect = (low: number, high: number, below: (at: number) => boolean): number => {
    for (let halving = 0; halving < 60; halving++) {
      const middle = 0.5 * (low + high);
      if (below(middle)) low = middle;
      else high = middle;
    }
    return 0.5 * (low + high);
  };
  const locate = (scale: number) => bisect(-60 - 8 * scale, 60 + 8 * scale, (location) => moments(location, scale)[0] < mean);
  const scale = bisect(1e-6, 40, (at) => moments(locate(at), at)[1] < deviation);
  return { location: locate(scale), scale };
}

/** The normal distribution function: Abramowitz and Stegun 7.1.26 as in shaders/lib/physical.wgsl is for float32; this is by series. */
function normalShare(v: number): number {
  if (Math.abs(v) > 8) return v > 0 ? 1 : 0;
  let term = v;
  let sum = v;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 400; n++) {
    term *= (v * v) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * v * v)) / Math.sqrt(2 * Math.PI);
}

/** A number for every parameter, or the same for all. */
function perParameter(name: string, given: number | readonly number[], dim: number): Float64Array {
  const list = typeof given === 'number' ? new Array<number>(dim).fill(given) : given;
  if (!Array.isArray(list) && !ArrayBuffer.isView(list)) throw new OptionError(`${name} must be a number, or ${dim} of them`);
  if (list.length !== dim)
    throw new OptionError(`${name} has ${list.length} numbers, and there are ${dim} parameters; give one for each, or one for all`);
  const bad = Array.from(list).findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new OptionError(`${name}: number ${bad + 1} is ${list[bad]}; it must be finite`);
  return Float64Array.from(list);
}

/** Rows of a square symmetric matrix, row by row. @throws OptionError */
export function readSymmetric(name: string, rows: readonly (readonly number[])[], size: number): Float64Array {
  if (!Array.isArray(rows) || rows.length !== size || rows.some((row) => row?.length !== size)) {
    const odd = Array.isArray(rows) ? rows.find((row) => row?.length !== size) : undefined;
    const has = Array.isArray(rows) ? `it has ${rows.length} rows${odd ? `, one of them of ${odd.length ?? 0}` : ''}` : 'it is no list';
    throw new OptionError(`${name} must be ${size} rows of ${size} numbers; ${has}`);
  }
  const matrix = new Float64Array(size * size);
  rows.forEach((row, i) => {
    row.forEach((entry: number, j: number) => {
      if (!Number.isFinite(entry)) throw new OptionError(`${name}: row ${i + 1}, column ${j + 1} is ${entry}; it must be a finite number`);
      const other = rows[j]![i]!;
      if (Math.abs(entry - other) > 1e-9 * Math.max(Math.abs(entry), Math.abs(other)))
        throw new OptionError(`${name} is not symmetric: row ${i + 1}, column ${j + 1} is ${entry}, and its mirror image ${other}`);
      matrix[i * size + j] = entry;
    });
  });
  for (let i = 0; i < size; i++) {
    if (!(matrix[i * size + i]! > 0))
      throw new OptionError(`${name}: the variance in row ${i + 1} is ${matrix[i * size + i]}; it must be above 0`);
  }
  return matrix;
}

/** The lower Cholesky factor of `scaled`. @throws OptionError with the smallest eigenvalue of `matrix`, whose scaled form it is. */
export function spdFactor(name: string, matrix: Float64Array, scaled: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = scaled[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * size + k]! * factor[j * size + k]!;
      if (i === j && !(sum > 1e-12)) {
        throw new OptionError(
          `${name} is not positive definite: its smallest eigenvalue is ${smallestEigenvalue(matrix, size).toPrecision(3)}; it must be above 0`,
        );
      }
      factor[i * size + j] = i === j ? Math.sqrt(sum) : sum / factor[j * size + j]!;
    }
  }
  return factor;
}

/** By power iterations on c I - A, where c bounds the eigenvalues. */
function smallestEigenvalue(matrix: Float64Array, size: number): number {
  let bound = 0;
  for (let i = 0; i < size; i++) {
    let row = 0;
    for (let j = 0; j < size; j++) row += Math.abs(matrix[i * size + j]!);
    bound = Math.max(bound, row);
  }
  const v = Float64Array.from({ length: size }, (_, i) => 1 + Math.sin(i + 1));
  const unit = new Float64Array(size);
  let value = 0;
  for (let iteration = 0; iteration < 2000; iteration++) {
    const length = Math.hypot(...v);
    for (let i = 0; i < size; i++) unit[i] = v[i]! / length;
    value = bound;
    for (let i = 0; i < size; i++) {
      let sum = bound * unit[i]!;
      for (let j = 0; j < size; j++) sum -= matrix[i * size + j]! * unit[j]!;
      v[i] = sum;
      value -= sum * unit[i]!;
    }
  }
  return value;
}

/** The inverse of a lower triangle, row by row. */
export function invertLower(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    inverse[j * size + j] = 1 / factor[j * size + j]!;
    for (let i = j + 1; i < size; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= factor[i * size + k]! * inverse[k * size + j]!;
      inverse[i * size + j] = sum / factor[i * size + i]!;
    }
  }
  return inverse;
}
