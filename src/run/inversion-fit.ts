/** Running a method on a forward model, to a mixture in search coordinates. */
import { ObjectiveError, OptionError } from '../gpu/errors.ts';
import { field, recordSize } from '../kernels/state.ts';
import type { Mixture } from '../mixture/mixture.ts';
import { purpose, RandomStream } from '../mixture/random.ts';
import type { Start } from '../mixture/start.ts';
import type { ForwardModel } from '../objective/forward.ts';
import { cholesky } from '../result/linear.ts';
import type { LogMixture } from '../result/posterior.ts';
import type { StopReason } from '../result/types.ts';
import { mismatch, stateFor } from './checkpoint.ts';
import { type Survival, secondsBefore } from './device-loss.ts';
import type { ForwardBudget, ForwardIterations } from './forward-iterations.ts';
import type { ForwardRun } from './forward-run.ts';
import { type Identity, layoutIdentity, methodIdentity, modelIdentity, startIdentity } from './identity.ts';
import { InversionEngine } from './inversion-engine.ts';
import type { ParticleMethod, SigmaMethod } from './inversion-method.ts';
import { logPosterior } from './log-posterior.ts';
import { addTimes, guarded, isLoopTime, type LoopTime, runLoop } from './loop.ts';
import type { Method } from './method.ts';
import { ParticleEngine } from './particle-engine.ts';
import type { Pause } from './pause.ts';
import { type SavedBuffers, savedControl } from './persistent.ts';
import { Search } from './search.ts';
import type { Progress } from './search-settings.ts';
import { stopReasons } from './snapshot.ts';
import { packTrace, type TraceRow, unpackTrace } from './trace.ts';
import type { Tuning } from './variants.ts';

export interface InversionSettings extends Survival {
  components?: number | undefined;
  /** Samples per component, of methods that fit the density. */
  samples?: number | undefined;
  iterations?: number | undefined;
  /** Model runs, at most, those at the modes in the end not counted. */
  evaluations?: number | undefined;
  seconds?: number | undefined;
  seed: number;
  start?: Start | undefined;
  /** Of methods that fit the density. */
  tuning?: Tuning | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Holds the iterations while it is on. */
  pause?: Pause | undefined;
}

/** What an inversion's checkpoint holds. */
interface SavedInversion {
  buffers: SavedBuffers;
  trace: Float32Array;
  time: LoopTime;
}

/** What a method leaves behind, in search coordinates. */
export interface Fitted {
  mixture: LogMixture;
  particles?: Float64Array;
  iterations: number;
  modelRuns: number;
  failedRuns: number;
  failedSteps: number;
  componentsRemoved: number;
  componentsAdded: number;
  stops: StopReason[];
  aborted: boolean;
  compileSeconds: number;
  time: LoopTime;
  bytes: number;
  variants?: Record<string, string>;
  warnings?: string[] | undefined;
  trace: readonly TraceRow[];
}

/** Of methods that fit the density: members a batch, and what they start with and how long they run, where they do not say. */
export const DENSITY_MEMBERS = 4096;
const DENSITY_COMPONENTS = 10;
const DENSITY_ITERATIONS = 300;
/** What the counters on the GPU hold. */
const UNLIMITED = 4e9;

/** K draws from the prior with its own covariance's diagonal; where there is none, from N(0, I). */
function priorStart(model: ForwardModel, components: number, seed: number): Start {
  const { dim, prior } = model;
  const random = new RandomStream(seed, purpose.initialise);
  const means = new Float64Array(components * dim);
  for (let k = 0; k < components; k++) {
    const z = Float64Array.from({ length: dim }, () => random.normal());
    for (let i = 0; i < dim; i++) {
      let u = z[i]!;
      if (prior.correlation) {
        u = 0;
        for (let j = 0; j <= i; j++) u += prior.correlation.factor[i * dim + j]! * z[j]!;
      }
      means[k * dim + i] = u;
    }
  }
  return { means, deviations: new Float64Array(components * dim).fill(1) };
}

/** @param identity of method and shape @param start makes the first state, where no checkpoint gives a later one */
async function drive(engine: ForwardIterations, settings: InversionSettings, budget: ForwardBudget, method: Identity, start: () => void) {
  const { iterations } = budget;
  const { members, gpu } = engine;
  const { keeping, pause, signal, checkpoint } = settings;
  const identity = { ...inversionIdentity(engine.model, method, settings), seed: settings.seed };
  const trace: TraceRow[] = [];
  let made = 0;
  let before: LoopTime = { gpu: 0, readback: 0 };
  if (checkpoint) {
    const saved = stateFor<SavedInversion>(checkpoint, 'inversion', identity);
    const rows = unpackTrace(saved.trace) ?? mismatch('the trace');
    before = isLoopTime(saved.time) ? saved.time : mismatch('the time it took');
    engine.load(saved.buffers, budget);
    trace.push(...rows);
    made = savedControl(saved.buffers).iteration;
  } else start();
  const began = performance.now();
  const seconds = () => secondsBefore(settings) + (performance.now() - began) / 1000;
  const keep = async (time: LoopTime) => {
    const buffers = await guarded(gpu, engine.save());
    const { iteration, evaluations } = savedControl(buffers);
    await keeping?.keep({
      kind: 'inversion',
      version: __VERSION__,
      adapter: gpu.adapter,
      identity,
      iteration,
      evaluations,
      seconds: seconds(),
      state: { buffers, trace: packTrace(trace), time: { ...addTimes(before, time) } },
    });
  };
  const deadline = settings.seconds === undefined ? undefined : began + 1000 * (settings.seconds - secondsBefore(settings));
  const end = await runLoop(engine, {
    signal,
    deadline,
    // No model run is encoded that a budget does not allow.
    iterations: Math.max(0, Math.min(iterations, Math.floor((settings.evaluations ?? Number.POSITIVE_INFINITY) / members)) - made),
    rest: (keeping || pause) && {
      due: () => keeping?.due() || pause?.on || false,
      take: async (time) => {
        if (keeping?.due()) await keep(time);
        await pause?.over(signal);
      },
    },
    onProgress: (control, rows) => {
      trace.push(...rows);
      settings.onProgress?.({
        wave: 0,
        iteration: control.iteration,
        evaluations: control.evaluations,
        temperature: control.temperature,
        best: control.best,
        modes: 0,
        done: Math.min(1, control.iteration / iterations),
        rows,
      });
    },
  });
  const { control } = end;
  if (keeping) await keep(end.time);
  const stops = stopReasons(control);
  if (stops.includes('no usable values') && control.iteration <= 1) {
    throw new ObjectiveError(
      `${engine instanceof ParticleEngine ? 'fewer than two' : 'none'} of the ${members} model runs of the first iteration gave predictions that can be used: check the forward model where it starts, its units, and the noise (a misfit of 1e30 and more is none)`,
    );
  }
  if (control.iteration === 0 && end.reason !== 'aborted') throw new ObjectiveError(NO_ITERATION);
  if (end.reason === 'deadline') stops.push('seconds');
  if (end.reason === 'aborted') stops.push('aborted');
  return { trace, control, stops, aborted: end.reason === 'aborted', time: addTimes(before, end.time) };
}

/** What an inversion is one of; the seed apart, which a search has already. */
const inversionIdentity = (model: ForwardModel, method: Identity, { start }: InversionSettings): Identity => ({
  ...modelIdentity(model),
  ...method,
  ...startIdentity(start),
  ...layoutIdentity(),
});

const NO_ITERATION = 'no iteration was made, so there is no posterior; give a larger budget';

/** A method without what is a budget, or said elsewhere. */
function constantsOf(method: SigmaMethod | ParticleMethod): object {
  const { iterations: _, options: __, ...rest } = method;
  return 'components' in rest ? { ...rest, components: undefined } : rest;
}

export async function fitSigma(forward: ForwardRun, method: SigmaMethod, components: number, settings: InversionSettings): Promise<Fitted> {
  const engine = await InversionEngine.create(forward, method, components, settings.seed);
  try {
    const budget = { iterations: settings.iterations ?? method.iterations, evaluations: settings.evaluations };
    const identity = { ...methodIdentity(constantsOf(method)), components };
    const { control, ...driven } = await drive(engine, settings, budget, identity, () =>
      engine.start(settings.start ?? priorStart(forward.model, components, settings.seed), budget),
    );
    const state = await guarded(engine.gpu, engine.read());
    return {
      mixture: mixtureOfRecords(engine.dim, components, state.components, state.factors),
      iterations: control.iteration,
      modelRuns: control.evaluations,
      failedRuns: control.non_finite,
      failedSteps: control.failures,
      componentsRemoved: 0,
      componentsAdded: 0,
      compileSeconds: engine.compileMilliseconds / 1000,
      bytes: engine.bytes,
      ...driven,
    };
  } finally {
    engine.dispose();
  }
}

export async function fitParticles(forward: ForwardRun, method: ParticleMethod, settings: InversionSettings): Promise<Fitted> {
  const engine = await ParticleEngine.create(forward, method, settings.seed);
  try {
    const budget = { iterations: settings.iterations ?? method.iterations, evaluations: settings.evaluations };
    const { control, ...driven } = await drive(engine, settings, budget, methodIdentity(constantsOf(method)), () => {
      const start = settings.start ?? priorStart(forward.model, method.particles, settings.seed);
      engine.start(scattered(start, method.particles, forward.model.dim, settings.seed), budget);
    });
    const particles = Float64Array.from((await guarded(engine.gpu, engine.read())).particles);
    return {
      mixture: gaussianOf(particles, engine.dim),
      particles,
      iterations: control.iteration,
      modelRuns: control.evaluations,
      failedRuns: control.non_finite,
      failedSteps: 0,
      componentsRemoved: 0,
      componentsAdded: 0,
      compileSeconds: engine.compileMilliseconds / 1000,
      bytes: engine.bytes,
      ...driven,
    };
  } finally {
    engine.dispose();
  }
}

export async function fitDensity(forward: ForwardRun, method: Method, settings: InversionSettings): Promise<Fitted> {
  const { model, gpu } = forward;
  const posterior = await logPosterior(forward);
  try {
    const components = settings.components ?? method.components ?? DENSITY_COMPONENTS;
    const search = new Search(gpu, posterior.objective, method, {
      ...settings,
      components,
      waves: 1,
      polish: false,
      evaluations: settings.evaluations ?? UNLIMITED,
      iterations: settings.iterations ?? method.iterations ?? DENSITY_ITERATIONS,
      start: settings.start ?? priorStart(model, components, settings.seed),
      within: { kind: 'inversion', identity: modelIdentity(model) },
    });
    const result = await search.run().finally(() => search.dispose());
    if (result.iterations === 0 && result.status !== 'aborted') throw new ObjectiveError(NO_ITERATION);
    return {
      mixture: searchMixture(model, result.mixture),
      iterations: result.iterations,
      modelRuns: result.evaluations,
      failedRuns: result.nonFinite,
      failedSteps: result.failedSteps,
      componentsRemoved: result.componentsRemoved,
      componentsAdded: result.componentsAdded,
      stops: result.stopReasons,
      aborted: result.status === 'aborted',
      compileSeconds: result.seconds.compile,
      time: search.time,
      bytes: result.gpuBytes + forward.bytes,
      variants: result.variants,
      warnings: result.warnings,
      trace: [],
    };
  } finally {
    posterior.dispose();
  }
}

/** Particles of a start: its means, as often as there are, spread by its deviations where there are too few. */
function scattered(start: Start, particles: number, dim: number, seed: number): Float64Array {
  const given = start.means.length / dim;
  if (given > particles) throw new OptionError(`start has ${given} means, and there are ${particles} particles`);
  if (given === particles) return start.means;
  const random = new RandomStream(seed, purpose.initialise, 1);
  return Float64Array.from({ length: particles * dim }, (_, at) => {
    const from = (Math.floor(at / dim) % given) * dim + (at % dim);
    return start.means[from]! + (start.deviations?.[from] ?? 1) * random.normal();
  });
}

function mixtureOfRecords(dim: number, components: number, records: Float32Array, factors: Float32Array): LogMixture {
  const record = recordSize(dim);
  const packed = (dim * (dim + 1)) / 2;
  const mixture = {
    dim,
    logWeights: new Float64Array(components),
    means: new Float64Array(components * dim),
    factors: new Float64Array(components * packed),
  };
  for (let k = 0; k < components; k++) {
    mixture.logWeights[k] = records[k * record + field.logWeight]!;
    mixture.means.set(records.subarray(k * record + field.mean, k * record + field.mean + dim), k * dim);
    mixture.factors.set(factors.subarray(2 * packed * k, 2 * packed * k + packed), k * packed);
  }
  return mixture;
}

/** The Gaussian with the particles' mean and covariance. */
function gaussianOf(particles: Float64Array, dim: number): LogMixture {
  const count = particles.length / dim;
  const mean = new Float64Array(dim);
  particles.forEach((x, at) => {
    mean[at % dim]! += x / count;
  });
  const covariance = new Float64Array(dim * dim);
  for (let a = 0; a < dim; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += (particles[j * dim + a]! - mean[a]!) * (particles[j * dim + b]! - mean[b]!);
      covariance[a * dim + b] = covariance[b * dim + a] = sum / Math.max(count - 1, 1);
    }
    // Fewer particles than parameters span no volume: a floor far below anything seen keeps the factor.
    covariance[a * dim + a]! *= 1 + 1e-9;
    covariance[a * dim + a]! += 1e-12;
  }
  return { dim, logWeights: Float64Array.of(0), means: mean, factors: packedFactor(covariance, dim) };
}

function packedFactor(covariance: Float64Array, dim: number): Float64Array {
  const factor = cholesky(covariance, dim);
  if (!factor) throw new ObjectiveError('the covariance of the fit is not positive definite: use more particles or components');
  return factor.filter((_, at) => at % dim <= Math.floor(at / dim));
}

/** A fitted mixture of unconstrained coordinates in search ones. */
function searchMixture({ dim, prior }: ForwardModel, mixture: Mixture): LogMixture {
  const unit = (i: number) => prior.deviation[i]!;
  return {
    dim,
    logWeights: Float64Array.from(mixture.weights, Math.log),
    means: Float64Array.from(mixture.means.flatMap((mean) => mean.map((v, i) => (v - prior.mean[i]!) / unit(i)))),
    factors: Float64Array.from(
      mixture.covariances.flatMap((rows) =>
        Array.from(packedFactor(Float64Array.from(rows.flatMap((row, i) => row.map((entry, j) => entry / (unit(i) * unit(j))))), dim)),
      ),
    ),
  };
}
