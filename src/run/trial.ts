/** An engine on trial: what it answers from a given state, and how long it takes. */

import { readBuffer } from '../gpu/buffers.ts';
import type { Gpu } from '../gpu/device.ts';
import { field, momentSize, recordSize } from '../kernels/state.ts';
import { uniformStart } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import { Engine } from './engine.ts';
import { guarded } from './loop.ts';
import type { Method } from './method.ts';
import { loadEngine, type SavedBuffers, saveEngine } from './persistent.ts';
import type { EngineShape } from './plan-run.ts';
import type { Variants } from './variants.ts';

/** What an iteration leaves of each component. */
export interface Answer {
  temperature: number;
  components: number;
  records: Float32Array;
  moments: Float32Array;
  dim: number;
  entries: number;
  /** By their ranks: moments do not go with the size of values. */
  ranked: boolean;
}

/**
 * Of a component's moments, relative to their own size and to the spread of values that they are made from; of means likewise. Sums of a
 * leaf and of leaves are rounded some 10^3 times in a row at most, each time by 2^-24.
 */
const TOLERANCE = 2 ** -10;
/** Of a value that is large beside its spread: a few roundings. */
const OF_VALUE = 2 ** -21;

export class Trial {
  readonly variants: Variants;
  readonly #engine: Engine;
  #state: SavedBuffers | undefined;

  private constructor(engine: Engine, variants: Variants) {
    this.#engine = engine;
    this.variants = variants;
  }

  static async open(gpu: Gpu, objective: Objective, method: Method, shape: EngineShape): Promise<Trial> {
    return new Trial(await Engine.create(gpu, objective, method, shape), shape.chosen!.variants);
  }

  dispose(): void {
    this.#engine.dispose();
  }

  /** Makes the state to start from: full covariances, at a temperature that values and entropy both count at. False: no usable values. */
  async begin(): Promise<boolean> {
    const { dim, components, seed } = this.#engine;
    const start = uniformStart(dim, components, seed);
    await this.#engine.start({ start, firstTemperature: 1 });
    await this.#iterate(1);
    const { records, components: alive } = await this.#read();
    const record = recordSize(dim);
    let spread = 0;
    for (let k = 0; k < alive; k++) spread += Math.sqrt(Math.max(records[k * record + field.variance]!, 0)) / alive;
    if (!Number.isFinite(spread)) return false;
    await this.#engine.start({ start, firstTemperature: spread > 0 ? spread : 1 });
    await this.#iterate(1);
    const { stop } = await guarded(this.#engine.gpu, this.#engine.control());
    this.#state = await guarded(this.#engine.gpu, saveEngine(this.#engine));
    return stop === 0;
  }

  /** Starts where the other does. */
  adopt(other: Trial): void {
    this.#state = other.#state;
  }

  async answer(): Promise<Answer> {
    loadEngine(this.#engine, this.#state!, {});
    await this.#iterate(1);
    return this.#read();
  }

  /** Milliseconds an iteration, of so many from the state on. */
  async time(iterations: number): Promise<number> {
    const { queue } = this.#engine.gpu.device;
    loadEngine(this.#engine, this.#state!, {});
    await guarded(this.#engine.gpu, queue.onSubmittedWorkDone());
    const before = performance.now();
    await this.#iterate(iterations);
    return (performance.now() - before) / iterations;
  }

  async #iterate(iterations: number): Promise<void> {
    const { device } = this.#engine.gpu;
    if (this.#engine.waits) {
      // Values from elsewhere stay what they are.
      for (let t = 0; t < iterations; t++)
        await guarded(
          this.#engine.gpu,
          this.#engine.iterateWith(async () => {}),
        );
    } else {
      const encoder = device.createCommandEncoder({ label: 'trial' });
      this.#engine.encode(encoder, iterations);
      device.queue.submit([encoder.finish()]);
    }
    await guarded(this.#engine.gpu, device.queue.onSubmittedWorkDone());
  }

  async #read(): Promise<Answer> {
    const { gpu, named, method, dim } = this.#engine;
    const { control, components } = await guarded(gpu, this.#engine.read());
    const moments = new Float32Array(await guarded(gpu, readBuffer(gpu.device, named.ms_moments!)));
    return {
      temperature: control.temperature,
      components: control.components,
      records: components,
      moments,
      dim,
      entries: momentSize(dim, method.covariance),
      ranked: method.estimator === 'ranked',
    };
  }
}

/** What two answers from the same state and draws differ in beyond rounding; undefined: nothing. */
export function disagreement(got: Answer, want: Answer): string | undefined {
  if (got.components !== want.components) return `${got.components} components, not ${want.components}`;
  const { dim, entries, temperature, ranked } = want;
  const record = recordSize(dim);
  for (let k = 0; k < want.components; k++) {
    const of = (answer: Answer, name: 'value' | 'variance' | 'usable') => answer.records[k * record + field[name]]!;
    if (of(got, 'usable') !== of(want, 'usable')) {
      return `component ${k} counts ${of(got, 'usable')} usable samples, not ${of(want, 'usable')}`;
    }
    const spread = Math.sqrt(Math.max(of(want, 'variance'), 0)) + temperature * Math.sqrt(dim);
    const size = Math.abs(of(want, 'value'));
    const off = Math.abs(of(got, 'value') - of(want, 'value'));
    if (!(off <= TOLERANCE * spread + OF_VALUE * size)) return `the value of component ${k} is off by ${off.toPrecision(2)}`;
    const [a, b] = [got, want].map(({ moments }) => moments.subarray(k * entries, (k + 1) * entries)) as [Float32Array, Float32Array];
    const largest = b.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
    const allowed = TOLERANCE * (largest + (ranked ? 0 : spread)) + (ranked ? 0 : OF_VALUE * size);
    for (let i = 0; i < entries; i++) {
      const apart = Math.abs(a[i]! - b[i]!);
      if (!(apart <= allowed))
        return `moment ${i} of component ${k} is off by ${apart.toPrecision(2)}, more than ${allowed.toPrecision(2)}`;
    }
  }
  return undefined;
}
