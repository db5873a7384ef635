/**
 * One shape and method on one device, ready to be timed: whole iterations on the GPU's queue, nothing read back, on a cheap objective, at
 * a fixed temperature so that no schedule ends the run. The same code in Node and in a browser's page.
 */
import type { Gpu } from '../src/gpu/device.ts';
import { patiently } from '../src/gpu/patience.ts';
import { uniformStart } from '../src/mixture/start.ts';
import { readTarget } from '../src/objective/objective.ts';
import { Engine } from '../src/run/engine.ts';
import { type MethodName, methodOf, type Shape } from './iteration-shapes.ts';
import { bowl } from './objective.ts';
import { profile } from './profile.ts';

export class TimedIteration {
  readonly #gpu: Gpu;
  readonly #engine: Engine;
  readonly #shape: Shape;
  /** The first submit of one iteration, with whatever the driver compiles only then. */
  firstIterationMs = 0;

  private constructor(gpu: Gpu, engine: Engine, shape: Shape) {
    this.#gpu = gpu;
    this.#engine = engine;
    this.#shape = shape;
  }

  /** Compiles, allocates and runs the first iteration. Pipelines that this device compiled before are found in its cache. */
  static async open(gpu: Gpu, shape: Shape, name: MethodName): Promise<TimedIteration> {
    const objective = readTarget({ wgsl: bowl.wgsl, box: bowl.box, dim: shape.d }, 'minimize');
    const method = methodOf(name, shape).resolve({ derivatives: objective.derivatives, dim: shape.d });
    const engine = await Engine.create(gpu, objective, method, { components: shape.k, samples: shape.n / shape.k, seed: 1 });
    const timed = new TimedIteration(gpu, engine, shape);
    timed.firstIterationMs = await timed.batch(1);
    return timed;
  }

  get compileMs(): number {
    return this.#engine.compileMilliseconds;
  }

  get gpuBytes(): number {
    return this.#engine.bytes;
  }

  /** Milliseconds an iteration, of so many in one submit. Every batch begins at the same start, and so does the same work. */
  async batch(iterations: number): Promise<number> {
    const { queue } = this.#gpu.device;
    await this.#engine.start({ start: uniformStart(this.#shape.d, this.#shape.k, 1), firstTemperature: bowl.temperature });
    await patiently(queue.onSubmittedWorkDone());
    const before = performance.now();
    const encoder = this.#gpu.device.createCommandEncoder({ label: 'bench' });
    this.#engine.encode(encoder, iterations);
    queue.submit([encoder.finish()]);
    await patiently(queue.onSubmittedWorkDone());
    const milliseconds = performance.now() - before;
    const control = await this.#engine.control();
    // A stopped run skips its kernels: its times would mean nothing.
    if (control.stop !== 0 || control.iteration !== iterations || control.non_finite !== 0) {
      throw new Error(`the timed run went wrong: ${JSON.stringify(control)}`);
    }
    return milliseconds / iterations;
  }

  /** Each kernel's share of an iteration, by timestamps around each kernel in a pass of its own; null where the device has none. */
  async stages(): Promise<Record<string, number> | null> {
    const times = await profile(this.#engine);
    if (!times) return null;
    const total = Object.values(times).reduce((sum, milliseconds) => sum + milliseconds, 0);
    return Object.fromEntries(Object.entries(times).map(([stage, milliseconds]) => [stage, total > 0 ? milliseconds / total : 0]));
  }

  close(): void {
    this.#engine.dispose();
  }
}
