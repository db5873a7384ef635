/**
 * A forward model y = G(theta) + noise, as the user gives it. Three kinds, one face:
 *   wgsl     `fn forward(theta: Point, y: ptr<function, Observation>)`, one invocation a member
 *   buffers  any GPU passes that fill a buffer of predictions from a buffer of parameters
 *   host     a function on the CPU, asked in batches
 */
import { LimitError, ObjectiveError, OptionError, ShaderError } from '../gpu/errors.ts';
import type { UserText } from '../gpu/wgsl.ts';
import type { SearchBox } from './box.ts';
import { type Noise, type NoiseOptions, readData, readNoise } from './noise.ts';
import { type Prior, type PriorOptions, readPrior } from './prior.ts';
import { checkArrays, readText } from './text.ts';

/** A batch of parameter vectors for a forward model. All buffers are float32 storage buffers on `device`. */
export interface ForwardBatch {
  /** Where the buffers live, and where passes are to run. */
  readonly device: GPUDevice;
  /** `count` parameter vectors, row by row (`count * dim` numbers), in physical units. */
  readonly parameters: GPUBuffer;
  /** To be filled row by row: `count * observations` predictions. A member whose run failed leaves NaN or infinity there. */
  readonly predictions: GPUBuffer;
  /** Members in this batch. */
  readonly count: number;
  /** Parameters of a member. */
  readonly dim: number;
  /** Predictions of a member. */
  readonly observations: number;
}

/**
 * A forward model that is any sequence of GPU passes.
 *
 * @example
 * const model: BufferForward = {
 *   async open(device) {
 *     const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
 *     return {
 *       encode({ parameters, predictions, count }, encoder) {
 *         const pass = encoder.beginComputePass();
 *         pass.setPipeline(pipeline);
 *         const entries = [parameters, predictions].map((buffer, binding) => ({ binding, resource: { buffer } }));
 *         pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
 *         pass.dispatchWorkgroups(Math.ceil(count / 64));
 *         pass.end();
 *       },
 *     };
 *   },
 * };
 * await invert({ buffers: model, dim: 2, y, noise: 0.1, prior: { mean: 0, deviation: 1 } });
 */
export interface BufferForward {
  /** Number of parameters, where the model knows it: checked against `dim`. */
  readonly dim?: number;
  /** Number of predictions, where the model knows it: checked against the length of `y`. */
  readonly observations?: number;
  /**
   * Compiles and allocates for batches of at most `members` members; called once before a run. The model itself takes a batch in as many
   * pieces as its memory wants.
   */
  open(device: GPUDevice, members: number): Promise<OpenForward>;
}

/** A forward model ready to run. It gives one of `encode` and `run`. */
export interface OpenForward {
  /** Encodes its passes into the given encoder: many iterations then share one submit. */
  encode?(batch: ForwardBatch, encoder: GPUCommandEncoder): void;
  /** Submits its own work (another library's, say); each iteration then waits for it to be submitted. */
  run?(batch: ForwardBatch): Promise<void>;
  /** Frees what `open` allocated. */
  dispose?(): void;
}

/** A forward model on the CPU: `count` parameter vectors row by row in, `count * observations` predictions row by row out. */
export type HostForward = (theta: Float64Array, count: number, dim: number) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** What the user says of an inverse problem. Give one forward model. */
export interface InversionTarget {
  /**
   * WGSL with `fn forward(theta: Point, y: ptr<function, Observation>)`. `Point` is `array<f32, DIM>`, `Observation` is
   * `array<f32, OBSERVATIONS>`.
   */
  wgsl?: string;
  /** What to call the text in error messages. Default `forward.wgsl`. */
  file?: string;
  /** At most three arrays that the WGSL reads as `name[i]`. */
  data?: Readonly<Record<string, Float32Array>>;
  /** The model as GPU passes of your own, in place of `wgsl`. */
  buffers?: BufferForward;
  /** The model as a function on the CPU, in float64, in place of `wgsl`. */
  host?: HostForward;
  /** Number of parameters, 1 to 512. */
  dim: number;
  /** The data: finite numbers, at least one. */
  y: ArrayLike<number>;
  /** Of the data: a standard deviation, one for each, or a covariance. */
  noise: NoiseOptions;
  /** Default: none, the data must then say all there is to say. */
  prior?: PriorOptions;
}

export interface ForwardModel {
  readonly kind: 'wgsl' | 'buffers' | 'host';
  readonly dim: number;
  readonly observations: number;
  readonly user?: UserText | undefined;
  readonly data: Readonly<Record<string, Float32Array>>;
  readonly buffers?: BufferForward | undefined;
  readonly host?: HostForward | undefined;
  readonly y: Float64Array;
  readonly noise: Noise;
  readonly prior: Prior;
  /** Of search coordinates: mean -+ deviation of the prior. */
  readonly box: SearchBox;
}

export const inversionTargetNames: readonly (keyof InversionTarget)[] = [
  'wgsl',
  'file',
  'data',
  'buffers',
  'host',
  'dim',
  'y',
  'noise',
  'prior',
];

/** Numbers that WGSL lets a function keep, less what the parameters take. */
const MAX_OBSERVATIONS = 2048;

/**
 * Checks what the user gave.
 * @throws OptionError, LimitError, or ShaderError where the WGSL lacks `forward`.
 */
export function readForward(target: InversionTarget): ForwardModel {
  const { dim } = target;
  if (!Number.isInteger(dim) || dim < 1 || dim > 512) throw new OptionError(`dim is ${dim}; it must be a whole number from 1 to 512`);
  const given = (['wgsl', 'buffers', 'host'] as const).filter((kind) => target[kind] !== undefined);
  if (given.length !== 1) {
    throw new OptionError(
      given.length === 0 ? 'give a forward model: wgsl, buffers or host' : `give one forward model, not ${given.join(' and ')}`,
    );
  }
  const kind = given[0]!;
  const y = readData(target.y);
  const observations = y.length;
  const noise = readNoise(target.noise, observations);
  const prior = readPrior(target.prior, dim);
  const box = {
    dim,
    lower: prior.mean.map((mean, i) => mean - prior.deviation[i]!),
    upper: prior.mean.map((mean, i) => mean + prior.deviation[i]!),
  };
  const data = target.data ?? {};
  const common = { kind, dim, observations, data, buffers: target.buffers, host: target.host, y, noise, prior, box };
  if (kind === 'host' && typeof target.host !== 'function') throw new OptionError('host must be a function');
  if (kind === 'buffers' && typeof target.buffers?.open !== 'function')
    throw new OptionError('buffers must have a function open(device, members)');
  const { buffers } = target;
  if (buffers?.observations !== undefined && buffers.observations !== observations) {
    throw new OptionError(`y has ${observations} data, and the forward model predicts ${buffers.observations}`);
  }
  if (buffers?.dim !== undefined && buffers.dim !== dim) {
    throw new OptionError(`dim is ${dim}, and the forward model takes ${buffers.dim} parameters`);
  }
  if (kind !== 'wgsl') {
    if (Object.keys(data).length > 0) throw new OptionError('data belongs to a wgsl forward model');
    return common;
  }
  if (observations + 2 * dim > MAX_OBSERVATIONS) {
    throw new LimitError(
      `A WGSL forward model keeps its ${observations} observations and ${dim} parameters in variables, for which WGSL has 8 KiB; at most ${MAX_OBSERVATIONS - 2 * dim} observations fit. Give the model as buffers instead.`,
      'function variables',
      observations,
      MAX_OBSERVATIONS - 2 * dim,
      MAX_OBSERVATIONS - 2 * dim,
    );
  }
  const file = target.file ?? 'forward.wgsl';
  const text = readText(target.wgsl, file, 'a shader that defines fn forward(theta: Point, y: ptr<function, Observation>)');
  if (!text.defines('forward')) {
    throw new ShaderError(
      `${file}: no function \`fn forward(theta: Point, y: ptr<function, Observation>)\` (Point is array<f32, ${dim}>, Observation is array<f32, ${observations}>)`,
      file,
      1,
      1,
    );
  }
  checkArrays(data);
  return { ...common, user: { text: target.wgsl!, file } };
}

/** Predictions of a host model, checked. @throws ObjectiveError */
export async function askForward(
  host: HostForward,
  theta: Float64Array,
  count: number,
  model: { dim: number; observations: number },
): Promise<Float64Array> {
  const predictions = await host(theta, count, model.dim);
  const wanted = count * model.observations;
  if (predictions === null || typeof predictions !== 'object' || predictions.length !== wanted) {
    throw new ObjectiveError(
      `the host forward model was given ${count} parameter vectors and returned ${predictions?.length ?? typeof predictions} numbers; y has ${model.observations} data, so return ${wanted}`,
    );
  }
  return Float64Array.from(predictions);
}
