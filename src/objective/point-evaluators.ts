/**
 * Evaluating given points by whichever way the objective can: in float64 where it has a float64 form, else in float32 on the GPU.
 */
import { BufferSet, readBuffer } from '../gpu/buffers.ts';
import { type Gpu, largestBinding } from '../gpu/device.ts';
import { compile, gridOf, type Pipeline } from '../gpu/pipelines.ts';
import { evaluateKernel } from '../kernels/evaluate.ts';
import { batchLayout, LANES, pack } from '../kernels/state.ts';
import { CountingEvaluator } from './counting-evaluator.ts';
import type { Evaluator } from './evaluator.ts';
import type { Objective } from './objective.ts';

/** WGSL and buffer-filling objectives: float32, in batches that fit the buffers. */
class GpuEvaluator extends CountingEvaluator {
  readonly precision = 'f32';
  readonly hasGradient: boolean;
  readonly #gpu: Gpu;
  readonly #objective: Objective;
  readonly #pipelines: { value: Pipeline; gradient?: Pipeline | undefined } | undefined;
  #buffers: BufferSet;
  #data: Record<string, GPUBuffer> = {};
  #points: GPUBuffer | undefined;
  #values!: GPUBuffer;
  #gradients!: GPUBuffer;
  #capacity = 0;

  constructor(gpu: Gpu, objective: Objective, pipelines: { value: Pipeline; gradient?: Pipeline | undefined } | undefined) {
    super(objective);
    this.#gpu = gpu;
    this.#objective = objective;
    this.#pipelines = pipelines;
    this.#buffers = new BufferSet(gpu.device);
    this.hasGradient = objective.derivatives !== 'value';
  }

  protected override async values(points: Float64Array, count: number): Promise<ArrayLike<number>> {
    return (await this.#inBatches(points, count, false)).values;
  }

  protected override gradients(points: Float64Array, count: number) {
    return this.#inBatches(points, count, true);
  }

  async #inBatches(points: Float64Array, count: number, withGradient: boolean) {
    const values = new Float32Array(count);
    const gradients = new Float32Array(withGradient ? count * this.dim : 0);
    const most = Math.max(1, Math.floor(Math.min(largestBinding(this.#gpu.device), 2 ** 27) / (4 * this.dim)));
    for (let first = 0; first < count; first += most) {
      const size = Math.min(most, count - first);
      this.#reserve(size, most);
      const { device } = this.#gpu;
      device.queue.writeBuffer(this.#points!, 0, new Float32Array(points.subarray(first * this.dim, (first + size) * this.dim)));
      await this.#run(size, withGradient);
      const [v, g] = await Promise.all([
        readBuffer(device, this.#values, 4 * size),
        withGradient ? readBuffer(device, this.#gradients, 4 * size * this.dim) : undefined,
      ]);
      values.set(new Float32Array(v), first);
      if (g) gradients.set(new Float32Array(g), first * this.dim);
    }
    return { values, gradients };
  }

  async #run(count: number, withGradient: boolean): Promise<void> {
    const { device } = this.#gpu;
    const { buffers } = this.#objective;
    const encoder = device.createCommandEncoder({ label: 'evaluate' });
    if (buffers) {
      const batch = {
        device,
        points: this.#points!,
        values: this.#values,
        gradients: buffers.gradient ? this.#gradients : undefined,
        count,
        dim: this.dim,
      };
      buffers.encode?.(batch, encoder);
      device.queue.submit([encoder.finish()]);
      await buffers.run?.(batch);
      return;
    }
    const pipeline = (withGradient ? this.#pipelines!.gradient : this.#pipelines!.value)!;
    const workgroups = gridOf(Math.ceil(count / LANES));
    const uniform = new BufferSet(device);
    const group = pipeline.bind({
      ms_batch: uniform.create('batch', pack(batchLayout, { count, grid_width: workgroups.x, components: 0, spare: 0 })),
      ms_points: this.#points!,
      ms_results: this.#values,
      ms_gradients: this.#gradients,
      ...this.#data,
    });
    const pass = encoder.beginComputePass({ label: 'evaluate' });
    pipeline.encode(pass, group, workgroups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    // Destroying after the submit is safe: the queue keeps what it needs.
    uniform.destroy();
  }

  /** Room for `count` points, and some to spare, but never for more than `most`. */
  #reserve(count: number, most: number): void {
    if (count <= this.#capacity) return;
    this.#buffers.destroy();
    this.#buffers = new BufferSet(this.#gpu.device);
    this.#capacity = Math.min(most, Math.max(256, 2 ** Math.ceil(Math.log2(count))));
    this.#points = this.#buffers.create('points', this.#capacity * this.dim);
    this.#values = this.#buffers.create('values', this.#capacity);
    this.#gradients = this.#buffers.create('gradients', this.#capacity * (this.hasGradient ? this.dim : 1));
    this.#data = Object.fromEntries(
      Object.entries(this.#objective.data).map(([name, array]) => [name, this.#buffers.create(name, new Float32Array(array))]),
    );
  }

  dispose(): void {
    this.#buffers.destroy();
  }
}

export type DisposableEvaluator = Evaluator & { dispose?(): void };

/**
 * The best way to evaluate points of this objective: float64 where there is one, else float32 on the GPU; undefined for ask/tell.
 * Compiles what it needs.
 */
export async function pointEvaluator(gpu: Gpu, objective: Objective): Promise<DisposableEvaluator | undefined> {
  if (objective.exact || objective.host) return (await import('./host-evaluators.ts')).hostEvaluator(objective);
  if (objective.kind === 'ask') return undefined;
  return gpuEvaluator(gpu, objective);
}

/** The objective as the GPU evaluates it, in float32, whatever other forms it has. */
export async function gpuEvaluator(gpu: Gpu, objective: Objective): Promise<DisposableEvaluator> {
  if (objective.kind === 'buffers') return new GpuEvaluator(gpu, objective, undefined);
  const kernel = (gradient: boolean) =>
    compile(gpu.device, evaluateKernel({ dim: objective.box.dim, gradient, objective: objective.text }));
  const [value, gradient] = await Promise.all([kernel(false), objective.derivatives === 'value' ? undefined : kernel(true)]);
  return new GpuEvaluator(gpu, objective, { value, gradient });
}
