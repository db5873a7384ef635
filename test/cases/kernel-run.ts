/** Running one kernel in a test: named arrays in, dispatches, named arrays out. Not a case module itself. */
import fc from 'fast-check';
import { BufferSet, type HostArray, readBuffer } from '../../src/gpu/buffers.ts';
import { compile, gridOf, type Workgroups } from '../../src/gpu/pipelines.ts';
import type { KernelSource } from '../../src/gpu/wgsl.ts';

/** An array to upload, or a number of zeros. */
export type Contents = HostArray | number;

/** Buffers by the names under which kernels bind them. */
export class Bench {
  readonly #device: GPUDevice;
  readonly #set: BufferSet;
  readonly #buffers: Record<string, GPUBuffer> = {};

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#set = new BufferSet(device);
  }

  /** Makes buffers, or replaces those of the same names. */
  put(contents: Readonly<Record<string, Contents>>): this {
    for (const [name, content] of Object.entries(contents)) this.#buffers[name] = this.#set.create(name, content);
    return this;
  }

  /** One dispatch over all buffers put so far. A number of workgroups becomes a grid. */
  async dispatch(source: KernelSource, workgroups: number | Workgroups): Promise<void> {
    const pipeline = await compile(this.#device, source);
    const group = pipeline.bind(this.#buffers);
    const encoder = this.#device.createCommandEncoder({ label: source.label });
    const pass = encoder.beginComputePass({ label: source.label });
    pipeline.encode(pass, group, typeof workgroups === 'number' ? gridOf(workgroups) : workgroups);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** What buffers hold, all read at once: a round trip costs more than most kernels here. */
  async floats(...names: string[]): Promise<Float32Array<ArrayBuffer>[]> {
    return (await this.bytes(...names)).map((bytes) => new Float32Array(bytes));
  }

  bytes(...names: string[]): Promise<ArrayBuffer[]> {
    return Promise.all(names.map((name) => readBuffer(this.#device, this.#buffers[name])));
  }

  destroy(): void {
    this.#set.destroy();
  }
}

/** Hands out an empty bench and takes its buffers away afterwards. */
export async function onBench<T>(device: GPUDevice, use: (bench: Bench) => Promise<T>): Promise<T> {
  const bench = new Bench(device);
  try {
    return await use(bench);
  } finally {
    bench.destroy();
  }
}

/** Compiles all variants of a case at once, so that its runs find them in the cache. */
export async function compileAll(device: GPUDevice, sources: readonly KernelSource[]): Promise<void> {
  await Promise.all(sources.map((source) => compile(device, source)));
}

/** What varies between the runs of a property; `examples` are run first. Seeded: a run is the same everywhere and always. */
export async function forAll<T>(
  runs: number,
  inputs: { readonly [Name in keyof T]: fc.Arbitrary<T[Name]> },
  examples: readonly NoInfer<T>[],
  check: (values: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(fc.record<T>(inputs), check), {
    numRuns: runs,
    seed: 20250107,
    examples: examples.map((example): [T] => [example]),
  });
}

/** How much a suite runs: a little by default, a lot in test/gpu/*.long.test.ts. */
export interface Effort {
  dims: readonly number[];
  /** Runs a property, about. */
  runs: number;
  /** Every combination of a kernel's flags at every d, rather than in turn. */
  every: boolean;
}

/** Past this d a run takes few components and samples: the twins, in plain float64, take most of the time. */
export const WIDE = 24;

export const brief: Effort = { dims: [1, 2, 17, 100], runs: 4, every: false };
/** Beyond the brief: every remainder of 4, both sides of where texts are written out (16) and of a workgroup's memory (72). */
export const thorough: Effort = { dims: [1, 3, 4, 5, 8, 13, 16, 20, 31, 33, 64, 72, 73, 129], runs: 10, every: true };
