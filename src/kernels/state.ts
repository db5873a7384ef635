/**
 * Host side of the layouts in shaders/lib/state.wgsl: what the control block, the parameters, a chunk and a component's record
 * hold, in their order.
 */

type Kind = 'u32' | 'f32' | 'vec2u';
type Layout = Readonly<Record<string, Kind>>;
export type Values<L extends Layout> = { [Name in keyof L]: L[Name] extends 'vec2u' ? readonly [number, number] : number };

export const controlLayout = {
  stop: 'u32',
  iteration: 'u32',
  round: 'u32',
  evaluations: 'u32',
  temperature: 'f32',
  first_temperature: 'f32',
  spread: 'f32',
  best: 'f32',
  non_finite: 'u32',
  failures: 'u32',
  trace_count: 'u32',
  components: 'u32',
  rows: 'u32',
  leaves: 'u32',
  fresh: 'u32',
  first_row: 'u32',
  weight_step: 'f32',
  elbo: 'f32',
  drawn: 'u32',
  additions: 'u32',
  removals: 'u32',
} as const;

export const paramsLayout = {
  seed: 'vec2u',
  components: 'u32',
  samples: 'u32',
  leaves: 'u32',
  evaluations_per_iteration: 'u32',
  max_evaluations: 'u32',
  max_iterations: 'u32',
  draw_scale: 'f32',
  deviation_cap: 'f32',
  deviation_floor: 'f32',
  mean_cap: 'f32',
  rate: 'f32',
  rate_power: 'f32',
  rate_limit: 'f32',
  mean_ratio: 'f32',
  weight_ratio: 'f32',
  weight_floor: 'f32',
  trust: 'f32',
  burn: 'u32',
  temperature_power: 'f32',
  temperature_ratio: 'f32',
  cooling: 'f32',
  cooling_limit: 'f32',
  final_temperature: 'f32',
  temperature_floor: 'f32',
  settled_deviation: 'f32',
  target_value: 'f32',
  has_target: 'u32',
  utility_offset: 'f32',
  utility_scale: 'f32',
  utility_shift: 'f32',
  effective_minimum: 'f32',
  capacity: 'u32',
  row_capacity: 'u32',
  row_budget: 'u32',
  reuse: 'u32',
  step_first: 'f32',
  step_least: 'f32',
  step_most: 'f32',
  step_power: 'f32',
  weight_step_first: 'f32',
  weight_step_least: 'f32',
  weight_step_most: 'f32',
  weight_step_power: 'f32',
  add_every: 'u32',
  remove_after: 'u32',
  past_rows: 'u32',
  start_entropy: 'f32',
  ridge_first: 'f32',
  anneal: 'u32',
  anneal_rate: 'f32',
  decay_iterations: 'u32',
  decay_least: 'f32',
} as const;

export const chunkLayout = {
  first_component: 'u32',
  component_count: 'u32',
  first_leaf: 'u32',
  leaf_count: 'u32',
  first_sample: 'u32',
  sample_count: 'u32',
  stride: 'u32',
  batch_stride: 'u32',
  sample_grid: 'u32',
  leaf_grid: 'u32',
  spare0: 'u32',
  spare1: 'u32',
} as const;

export const batchLayout = { count: 'u32', grid_width: 'u32', components: 'u32', spare: 'u32' } as const;

export type ControlValues = Values<typeof controlLayout>;
export type ParamsValues = Values<typeof paramsLayout>;
export type ChunkValues = Values<typeof chunkLayout>;

/** A control block of zeros. */
export const zeroControl: ControlValues = Object.fromEntries(
  Object.keys(controlLayout).map((name) => [name, 0]),
) as unknown as ControlValues;

/** Parameters of zeros. */
export const zeroParams: ParamsValues = {
  ...(Object.fromEntries(Object.keys(paramsLayout).map((name) => [name, 0])) as unknown as ParamsValues),
  seed: [0, 0],
};

/** The 4-byte words of a block, ready for a buffer. */
export function pack<L extends Layout>(layout: L, values: Values<L>): Uint32Array<ArrayBuffer> {
  const words: number[] = [];
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (const [name, kind] of Object.entries(layout)) {
    const value = values[name];
    if (kind === 'vec2u') words.push(...(value as unknown as readonly [number, number]));
    else if (kind === 'u32') words.push(value as number);
    else {
      float[0] = value as number;
      words.push(bits[0]!);
    }
  }
  return Uint32Array.from(words);
}

/** The block of named numbers in a buffer's bytes. */
export function unpack<L extends Layout>(layout: L, bytes: ArrayBuffer, offset = 0): Values<L> {
  const view = new DataView(bytes, offset);
  const result: Record<string, number | readonly [number, number]> = {};
  let at = 0;
  for (const [name, kind] of Object.entries(layout)) {
    if (kind === 'vec2u') {
      result[name] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      at += 8;
    } else {
      result[name] = kind === 'u32' ? view.getUint32(at, true) : view.getFloat32(at, true);
      at += 4;
    }
  }
  return result as Values<L>;
}

/** Offsets in a component's record of `record(dim)` floats. */
export const field = {
  logWeight: 0,
  logNorm: 1,
  stepFactor: 2,
  status: 3,
  value: 4,
  variance: 5,
  effective: 6,
  usable: 7,
  best: 8,
  rate: 9,
  deviation: 10,
  step: 11,
  reward: 12,
  pastReward: 13,
  updates: 14,
  logShare: 15,
  id: 16,
  firstDraw: 17,
  draws: 18,
  reusable: 19,
  fit: 20,
  ridge: 21,
  radius: 22,
  mean: 24,
} as const;

export const recordSize = (dim: number): number => field.mean + 2 * dim;
export const bestPointOffset = (dim: number): number => field.mean + dim;

/** Bits of a component's status word. 0: the last step was taken. */
export const status = { factorisation: 1, moments: 2, samples: 4, features: 8, fit: 16 } as const;

/** Bits of the control block's stop word. */
export const stopBit = { iterations: 1, evaluations: 2, temperature: 4, settled: 8, target: 16, noValues: 32 } as const;

/** A finite stand-in for "no value". */
export const NO_VALUE = Math.fround(-3.0e38);

/** Invocations a workgroup where each has a sample of its own. */
export const LANES = 64;

/**
 * Invocations of a workgroup that reduces: few for small work, since a software adapter pays for every lane at every barrier
 * (measured: 4 times the iteration at d = 2, n = 8) and a GPU runs 16 as fast as 32. A fixed rule: it is part of a result's bits.
 */
export const reductionLanes = (work: number): number => (work <= 64 ? 16 : 64);

/** Samples of a reduction leaf, at most, where there are leaves enough. */
export const LEAF = 256;

export type Covariance = 'full' | 'diagonal';

/** Entries of a symmetric matrix (and of a factor) that are kept. */
export const pairs = (dim: number, covariance: Covariance): number => (covariance === 'full' ? (dim * (dim + 1)) / 2 : dim);

/** Floats of one leaf's partial sums: 8 scalars, gradient, matrix, weighted draws, best point. */
export const partSize = (dim: number, covariance: Covariance): number => 8 + 3 * dim + pairs(dim, covariance);

/** Floats of one component's whitened moments: g, then G. */
export const momentSize = (dim: number, covariance: Covariance): number => dim + pairs(dim, covariance);

/** Floats of a leaf's rewards: weight, its square, weight f, fresh rows without a value; weight of reusable rows and its square. */
export const REWARD_PART = 6;

/** Rows of the trace ring, and floats a row: iteration, temperature, spread, best, F, rate, effective, failures, widest, components, removals. */
export const TRACE_ROWS = 512;
export const TRACE_ROW = 11;

/** Words of a segment's refined histogram of ranks; see shaders/lib/rank_bins.wgsl. */
export const RANK_WORDS = 86784;

/** The largest d whose Hessians (two a sample) fit WGSL's 8 KiB of variables a function. */
export const MAX_HESSIAN_DIM = 31;
