/**
 * A forward model on a device, with room for a number of members: their parameters go in, predictions, whitened residuals and misfits come
 * out, all in buffers.
 */
import { allocating, BufferSet, readBuffer } from '../gpu/buffers.ts';
import { assertBinding, type Gpu, largestBinding } from '../gpu/device.ts';
import { OptionError } from '../gpu/errors.ts';
import { compile, gridOf, type Pipeline } from '../gpu/pipelines.ts';
import { forwardKernel, misfitKernel, residualKernel } from '../kernels/forward.ts';
import { batchLayout, LANES, pack } from '../kernels/state.ts';
import { boxRows } from '../objective/box.ts';
import { askForward, type ForwardBatch, type ForwardModel, type OpenForward } from '../objective/forward.ts';
import { transformNumber } from '../objective/prior.ts';

export class ForwardRun {
  readonly gpu: Gpu;
  readonly model: ForwardModel;
  readonly members: number;
  /** By the names under which kernels bind them. */
  readonly named: Readonly<Record<string, GPUBuffer>>;
  readonly #buffers: BufferSet;
  readonly #pipelines: Readonly<Record<string, Pipeline>>;
  readonly #open: OpenForward | undefined;
  /** Dispatches for a number of members, made at their first use. */
  readonly #batches = new Map<number, { batch: ForwardBatch; groups: Record<string, GPUBindGroup> }>();

  private constructor(
    gpu: Gpu,
    model: ForwardModel,
    members: number,
    buffers: BufferSet,
    named: Record<string, GPUBuffer>,
    pipelines: Record<string, Pipeline>,
    open: OpenForward | undefined,
  ) {
    this.gpu = gpu;
    this.model = model;
    this.members = members;
    this.#buffers = buffers;
    this.named = named;
    this.#pipelines = pipelines;
    this.#open = open;
  }

  /** @throws LimitError that says how many members fit; ShaderError at the user's line; OutOfMemoryError. */
  static async open(gpu: Gpu, model: ForwardModel, members: number): Promise<ForwardRun> {
    const { device } = gpu;
    const { dim, observations, noise, prior, y } = model;
    const fits = Math.floor(largestBinding(device) / (4 * Math.max(observations, dim)));
    assertBinding(
      device,
      `${members} model runs a batch, each with ${dim} parameters and ${observations} predictions`,
      4 * members * Math.max(observations, dim),
      `At most ${fits} fit: use fewer components or particles.`,
      fits,
    );
    const sources = {
      residual: residualKernel({ dim, observations, full: noise.full }),
      misfit: misfitKernel({ dim, observations }),
      ...(model.user ? { forward: forwardKernel({ dim, observations, user: model.user, data: Object.keys(model.data) }) } : {}),
    };
    const names = Object.keys(sources);
    const compiled = await Promise.all(Object.values(sources).map((source) => compile(device, source)));
    const pipelines = Object.fromEntries(names.map((name, i) => [name, compiled[i]!]));
    const buffers = new BufferSet(device);
    const transforms = prior.transforms.flatMap(({ kind, lower, width }) => [transformNumber[kind], lower, width, 0]);
    const make = () => ({
      ms_box: buffers.create('box', boxRows(model.box)),
      ms_transforms: buffers.create('transforms', Float32Array.from(transforms)),
      ms_parameters: buffers.create('parameters', members * dim),
      ms_predictions: buffers.create('predictions', members * observations),
      ms_residuals: buffers.create('residuals', members * observations),
      ms_misfits: buffers.create('misfits', members),
      ms_y: buffers.create('data', Float32Array.from(y)),
      ms_whitener: buffers.create('noise', Float32Array.from(noise.whitener)),
      ...Object.fromEntries(Object.entries(model.data).map(([name, array]) => [name, buffers.create(name, new Float32Array(array))])),
    });
    const named = await allocating(device, 'the forward model', make, () => buffers.destroy());
    let open: OpenForward | undefined;
    try {
      open = await model.buffers?.open(device, members);
      if (model.buffers && !open?.encode === !open?.run) {
        throw new OptionError('buffers: open() must give one of encode (its passes join ours) and run (it submits its own work)');
      }
    } catch (error) {
      open?.dispose?.();
      buffers.destroy();
      throw error;
    }
    return new ForwardRun(gpu, model, members, buffers, named, pipelines, open);
  }

  /** Whether a batch waits for work outside of the GPU's queue. */
  get waits(): boolean {
    return this.model.kind === 'host' || this.#open?.run !== undefined;
  }

  get bytes(): number {
    return this.#buffers.bytes;
  }

  /** Predictions of the first `count` members; not where it waits. */
  encodeModel(encoder: GPUCommandEncoder, count = this.members): void {
    const { batch, groups } = this.#batch(count);
    if (this.#open) {
      this.#open.encode!(batch, encoder);
      return;
    }
    const pass = encoder.beginComputePass({ label: 'forward' });
    this.#dispatch(pass, 'forward', groups, count);
    pass.end();
  }

  /** The same where it waits. */
  async runModel(count = this.members): Promise<void> {
    const { model, gpu } = this;
    const { batch } = this.#batch(count);
    if (this.#open) return this.#open.run!(batch);
    const theta = new Float32Array(await readBuffer(gpu.device, batch.parameters, 4 * count * model.dim));
    const predictions = await askForward(model.host!, Float64Array.from(theta), count, model);
    gpu.device.queue.writeBuffer(batch.predictions, 0, Float32Array.from(predictions));
  }

  /** Residuals and misfits from predictions. */
  encodeMisfits(pass: GPUComputePassEncoder, count = this.members): void {
    const { groups } = this.#batch(count);
    this.#dispatch(pass, 'residual', groups, count * this.model.observations);
    this.#dispatch(pass, 'misfit', groups, count);
  }

  /** Predictions and misfits (NaN where the run failed) of given parameters in physical units, row by row. */
  async evaluate(theta: Float64Array): Promise<{ predictions: Float64Array; misfits: Float64Array }> {
    const { dim, observations } = this.model;
    const { device } = this.gpu;
    const total = theta.length / dim;
    const predictions = new Float64Array(total * observations);
    const misfits = new Float64Array(total);
    for (let first = 0; first < total; first += this.members) {
      const count = Math.min(this.members, total - first);
      device.queue.writeBuffer(this.named.ms_parameters!, 0, Float32Array.from(theta.subarray(first * dim, (first + count) * dim)));
      const encoder = device.createCommandEncoder({ label: 'forward' });
      if (this.waits) await this.runModel(count);
      else this.encodeModel(encoder, count);
      const pass = encoder.beginComputePass({ label: 'misfit' });
      this.encodeMisfits(pass, count);
      pass.end();
      device.queue.submit([encoder.finish()]);
      const [said, missed] = await Promise.all([
        readBuffer(device, this.named.ms_predictions!, 4 * count * observations),
        readBuffer(device, this.named.ms_misfits!, 4 * count),
      ]);
      predictions.set(Float64Array.from(new Float32Array(said)), first * observations);
      misfits.set(
        Array.from(new Float32Array(missed), (misfit) => (misfit < 0 ? Number.NaN : misfit)),
        first,
      );
    }
    return { predictions, misfits };
  }

  dispose(): void {
    this.#open?.dispose?.();
    this.#buffers.destroy();
  }

  #batch(count: number) {
    const known = this.#batches.get(count);
    if (known) return known;
    const { dim, observations } = this.model;
    const { device } = this.gpu;
    const named = {
      ...this.named,
      ms_batch: this.#buffers.create('batch', pack(batchLayout, { count, grid_width: 0, components: 0, spare: 0 })),
    };
    const { ms_parameters: parameters, ms_predictions: predictions } = this.named as {
      ms_parameters: GPUBuffer;
      ms_predictions: GPUBuffer;
    };
    const made = {
      batch: { device, parameters, predictions, count, dim, observations },
      groups: Object.fromEntries(Object.entries(this.#pipelines).map(([name, pipeline]) => [name, pipeline.bind(named)])),
    };
    this.#batches.set(count, made);
    return made;
  }

  #dispatch(pass: GPUComputePassEncoder, name: string, groups: Record<string, GPUBindGroup>, work: number): void {
    this.#pipelines[name]!.encode(pass, groups[name]!, gridOf(Math.ceil(work / LANES)));
  }
}
