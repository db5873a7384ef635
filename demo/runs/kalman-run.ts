/** A run of a method that looks at the predictions of a forward model at sigma points: what `invert()` does, an iteration at a time. */
import type { Gpu } from '../../src/gpu/device.ts';
import type { InversionTarget, Snapshot } from '../../src/index.ts';
import { type ControlValues, field, NO_VALUE, recordSize } from '../../src/kernels/state.ts';
import { purpose, RandomStream } from '../../src/mixture/random.ts';
import { type ForwardModel, readForward } from '../../src/objective/forward.ts';
import type { Box } from '../../src/problems/problem.ts';
import { ForwardRun } from '../../src/run/forward-run.ts';
import { InversionEngine } from '../../src/run/inversion-engine.ts';
import type { SigmaMethod } from '../../src/run/inversion-method.ts';
import { membersOf } from '../../src/run/inversion-plan.ts';
import { componentChanges, stopReasons } from '../../src/run/snapshot.ts';
import type { ReadState, Run } from './run.ts';
import type { Placing, Samples } from './samples.ts';

export class KalmanRun implements Run {
  readonly samples: Samples;
  readonly placing: Placing;
  readonly first: Snapshot;
  readonly sense = 1;
  readonly shared = false;
  readonly #forward: ForwardRun;
  readonly #engine: InversionEngine;

  private constructor(forward: ForwardRun, engine: InversionEngine, placing: Placing, first: ReadState) {
    this.#forward = forward;
    this.#engine = engine;
    this.placing = placing;
    this.first = this.snapshotOf(first);
    const perComponent = 2 * engine.dim + 1;
    const buffer = engine.buffer('ms_parameters');
    const { mean, deviation } = engine.model.prior;
    this.samples = {
      kind: 'members',
      buffer,
      stride: engine.dim,
      perComponent,
      most: perComponent,
      shared: false,
      placing: { scale: Array.from(deviation, (unit) => 1 / unit), shift: Array.from(mean, (m, i) => -m / deviation[i]!) },
    };
  }

  /** @param box what views show, in physical units */
  static async start(gpu: Gpu, target: InversionTarget, method: SigmaMethod, box: Box, seed: number): Promise<KalmanRun> {
    const model = readForward(target);
    const { dim } = model;
    const { components } = method;
    const forward = await ForwardRun.open(gpu, model, membersOf(components, dim));
    try {
      const engine = await InversionEngine.create(forward, method, components, seed);
      engine.start({ means: priorDraws(components * dim, seed), deviations: new Float64Array(components * dim).fill(1) }, method);
      const state = await engine.read();
      return new KalmanRun(forward, engine, placingOf(model, box), state);
    } catch (error) {
      forward.dispose();
      throw error;
    }
  }

  get gpu() {
    return this.#engine.gpu;
  }

  get dim(): number {
    return this.#engine.dim;
  }

  get components(): number {
    return this.#engine.components;
  }

  get buffers() {
    const [control, trace] = this.#engine.progressBuffers;
    return { components: this.#engine.buffer('ms_components'), factors: this.#engine.buffer('ms_factors'), control, trace };
  }

  encode(encoder: GPUCommandEncoder, iterations: number): void {
    this.#engine.encode(encoder, iterations);
  }

  observe(control: ControlValues): void {
    this.#engine.observe(control);
  }

  snapshotOf({ control, components, factors }: ReadState): Snapshot {
    const { dim, model } = this.#engine;
    const { mean, deviation } = model.prior;
    const record = recordSize(dim);
    const packed = (dim * (dim + 1)) / 2;
    const rows = Array.from({ length: control.components }, (_, k) => components.subarray(k * record, (k + 1) * record));
    const physical = (row: Float32Array, from: number) => Array.from(mean, (m, i) => m + deviation[i]! * row[from + i]!);
    const weights = rows.map((row) => Math.exp(row[field.logWeight]!));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const top = rows.reduce((a, b) => (b[field.best]! > a[field.best]! ? b : a));
    return {
      iteration: control.iteration,
      evaluations: control.evaluations,
      temperature: control.temperature,
      spread: control.spread,
      mixture: {
        weights: weights.map((weight) => weight / total),
        means: rows.map((row) => physical(row, field.mean)),
        covariances: rows.map((_, k) => covarianceOf(factors.subarray(2 * packed * k, 2 * packed * k + packed), deviation)),
      },
      best: { x: physical(top, field.mean + dim), value: top[field.best] === NO_VALUE ? Number.NaN : top[field.best]! },
      nonFinite: control.non_finite,
      failedSteps: control.failures,
      ...componentChanges(control.components, control),
      stopReasons: stopReasons(control),
    };
  }

  dispose(): void {
    this.#engine.dispose();
    this.#forward.dispose();
  }
}

/** As `invert()` begins where parameters are independent: means drawn from the prior, in search coordinates. */
function priorDraws(count: number, seed: number): Float64Array {
  const random = new RandomStream(seed, purpose.initialise);
  return Float64Array.from({ length: count }, () => random.normal());
}

/** From search coordinates, in which the prior is N(0, I), to those of the box. */
function placingOf({ prior }: ForwardModel, box: Box): Placing {
  return {
    scale: box.map(([low, high], i) => (2 * prior.deviation[i]!) / (high - low)),
    shift: box.map(([low, high], i) => (2 * prior.mean[i]! - low - high) / (high - low)),
  };
}

/** L L^T in physical units, L by its packed lower rows. */
function covarianceOf(factor: Float32Array, deviation: Float64Array): number[][] {
  const dim = deviation.length;
  const entry = (i: number, j: number) => factor[(i * (i + 1)) / 2 + j]!;
  return Array.from({ length: dim }, (_, a) =>
    Array.from({ length: dim }, (_, b) => {
      let sum = 0;
      for (let j = 0; j <= Math.min(a, b); j++) sum += entry(a, j) * entry(b, j);
      return deviation[a]! * deviation[b]! * sum;
    }),
  );
}
