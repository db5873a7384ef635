/**
 * The objective as the user gives it, checked, and as the engine uses it. Four kinds, one face:
 *   wgsl     WGSL functions, fused into the kernels
 *   buffers  any GPU passes that fill a buffer of values from a buffer of points
 *   host     a function on the CPU, asked in batches
 *   ask      nobody here: the caller asks for points and tells values
 */
import { OptionError, ShaderError } from '../gpu/errors.ts';
import type { Boundary, Derivatives, ObjectiveText } from '../kernels/compose.ts';
import { MAX_HESSIAN_DIM } from '../kernels/state.ts';
import { boundaries } from './boundary.ts';
import { parseBox, type SearchBox } from './box.ts';
import { checkArrays, readText } from './text.ts';

/** A batch of points for a buffer-filling objective. All buffers are float32 storage buffers on `device`. */
export interface ObjectiveBatch {
  /** Where the buffers live, and where passes are to run. */
  readonly device: GPUDevice;
  /** `count` points, row by row (`count * dim` numbers), in the user's coordinates. */
  readonly points: GPUBuffer;
  /** To be filled: `count` values. */
  readonly values: GPUBuffer;
  /** To be filled row by row, when the objective has said `gradient: true`. */
  readonly gradients?: GPUBuffer | undefined;
  /** Points in this batch. */
  readonly count: number;
  /** Numbers of a point. */
  readonly dim: number;
}

/** An objective that is any sequence of GPU passes. Give one of `encode` and `run`. */
export interface BufferObjective {
  /** Whether it fills `gradients` too. */
  readonly gradient?: boolean;
  /** Encodes its passes into the given encoder: many iterations then share one submit. */
  encode?(batch: ObjectiveBatch, encoder: GPUCommandEncoder): void;
  /** Submits its own work (another library's, say); each iteration then waits for it to be submitted. */
  run?(batch: ObjectiveBatch): Promise<void>;
}

/** An objective on the CPU: `count` points row by row in, `count` values out. */
export type HostObjective = (x: Float64Array, count: number, dim: number) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** The objective in float64 for one point, to polish modes with: the user's own sign. */
export interface ExactObjective {
  /** The value at a point of d numbers. */
  value(x: Float64Array): number;
  /** Writes the d entries of the gradient at `x` into `out`. Without it differences are taken. */
  gradient?(x: Float64Array, out: Float64Array): void;
}

/** What the user says of the objective and where to look. */
export interface TargetOptions {
  /**
   * WGSL with `fn objective(x: Point) -> f32`, and optionally `fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32`
   * and `fn hessian(x: Point, hessian: ptr<function, Hessian>)` (row by row). `Point` is `array<f32, DIM>`.
   * Give every `var` inside a loop its value (`var s = 0.0;`): some drivers do not set a bare one to zero again on each pass.
   */
  wgsl?: string;
  /** What to call the text in error messages. Default `objective.wgsl`. */
  file?: string;
  /** At most three arrays that the WGSL reads as `name[i]`. */
  data?: Readonly<Record<string, Float32Array>>;
  /** The objective as GPU passes of your own, in place of `wgsl`. */
  buffers?: BufferObjective;
  /** The objective as a function on the CPU, in float64, in place of `wgsl`. */
  host?: HostObjective;
  /** A float64 twin, with which modes are polished. A host function is its own. */
  exact?: ExactObjective;
  /** `[lower, upper]` for every dimension, or one pair for all `dim`: finite, the lower below the upper, at most 1e30 in size. */
  box: readonly (readonly [number, number])[] | readonly [number, number];
  /** Number of dimensions, 1 to 512; default: the length of `box`. */
  dim?: number;
  /** How samples beyond the box are treated: `penalise` (default), `reflect`, `clamp`, `smooth`, `none`; `bounded` for posteriors. */
  boundary?: Boundary;
}

export interface Objective {
  readonly kind: 'wgsl' | 'buffers' | 'host' | 'ask';
  readonly box: SearchBox;
  readonly boundary: Boundary;
  readonly text: ObjectiveText;
  readonly data: Readonly<Record<string, Float32Array>>;
  /** The most that it gives. */
  readonly derivatives: Derivatives;
  readonly buffers?: BufferObjective | undefined;
  readonly host?: HostObjective | undefined;
  readonly exact?: ExactObjective | undefined;
}

/**
 * Checks what the user gave.
 * @throws OptionError, or ShaderError where the WGSL lacks what it must define.
 */
export function readTarget(options: TargetOptions, sense: 'maximize' | 'minimize'): Objective {
  const box = parseBox(options.box, options.dim);
  const boundary = options.boundary ?? 'penalise';
  if (!boundaries.includes(boundary)) throw new OptionError(`boundary is "${boundary}"; it must be one of ${boundaries.join(', ')}`);
  const given = (['wgsl', 'buffers', 'host'] as const).filter((kind) => options[kind] !== undefined);
  if (given.length > 1) throw new OptionError(`give one objective, not ${given.join(' and ')}`);
  const kind = given[0] ?? 'ask';
  const signed = sense === 'maximize' ? 1 : -1;
  const data = options.data ?? {};
  if (kind !== 'wgsl' && Object.keys(data).length > 0) throw new OptionError('data belongs to a wgsl objective');
  const common = { kind, box, boundary, data, exact: options.exact, buffers: options.buffers, host: options.host };

  if (kind !== 'wgsl') {
    if (kind === 'buffers' && !options.buffers?.encode === !options.buffers?.run) {
      throw new OptionError('buffers: give one of encode (its passes join ours) and run (it submits its own work)');
    }
    return { ...common, text: { data: [], sense: signed }, derivatives: options.buffers?.gradient ? 'gradient' : 'value' };
  }

  const text = options.wgsl!;
  const file = options.file ?? 'objective.wgsl';
  const { defines } = readText(text, file, 'a shader that defines fn objective(x: Point) -> f32');
  const value = defines('objective');
  const gradient = defines('value_and_gradient');
  if (!value && !gradient) {
    throw new ShaderError(`${file}: no function \`fn objective(x: Point) -> f32\` (Point is array<f32, ${box.dim}>)`, file, 1, 1);
  }
  checkArrays(data);
  const hessian = gradient && defines('hessian') && box.dim <= MAX_HESSIAN_DIM;
  return {
    ...common,
    text: { user: { text, file }, data: Object.keys(data), sense: signed, valueFromGradient: !value },
    derivatives: hessian ? 'hessian' : gradient ? 'gradient' : 'value',
  };
}
