/**
 * A whole search: waves of annealed mixtures and of polished start candidates, an archive of distinct modes, and a stop when a budget
 * is used or hardly any mode can be left unseen.
 *
 * A wave of the first kind anneals K components from a wide start: it finds the modes that matter, also where a landscape is too
 * rugged or has too many dimensions for a sample to show its peaks. A wave of the second kind polishes the local maxima of a uniform
 * sample (components of no width, in effect): cheap, and its hits are independent, which is what the estimate of unseen modes needs.
 */
import type { Gpu } from '../gpu/device.ts';
import { DeviceLostError, ObjectiveError } from '../gpu/errors.ts';
import { NO_VALUE, stopBit } from '../kernels/state.ts';
import { purpose, RandomStream } from '../mixture/random.ts';
import { FIRST_DEVIATION, type Start, uniformStart } from '../mixture/start.ts';
import { toUser } from '../objective/boundary.ts';
import type { Objective } from '../objective/objective.ts';
import { type DisposableEvaluator, pointEvaluator } from '../objective/point-evaluators.ts';
import { Archive, type ArchivedMode } from '../result/archive.ts';
import { type Candidate, polish } from '../result/polish.ts';
import type { SearchResult, Snapshot, StopReason } from '../result/types.ts';
import { unseenModes } from '../result/unseen.ts';
import { localMaxima } from './candidates.ts';
import type { Checkpoint, State } from './checkpoint.ts';
import { fitWave, poolSize, searchDefaults, WAVE_SHARE } from './defaults.ts';
import { describeModes, type Found } from './describe-modes.ts';
import { surviving } from './device-loss.ts';
import { Engine, type EngineState } from './engine.ts';
import { temperatureOf } from './first-temperature.ts';
import type { Identity } from './identity.ts';
import { guarded, runLoop } from './loop.ts';
import type { Method } from './method.ts';
import type { Limits, SavedBuffers } from './persistent.ts';
import type { SearchSettings } from './search-settings.ts';
import type { SavedSearch } from './search-state.ts';
import { slopeDraws } from './slope-temperature.ts';
import { type ComponentView, mixtureOf, snapshotOf, stopReasons, viewComponents } from './snapshot.ts';
import type { Seen, Watch } from './tolerances.ts';
import type { TraceRow } from './trace.ts';

/** A search may end when fewer modes than this are thought unseen: as a share of all, and as a number. */
const UNSEEN_SHARE = 0.05;
const UNSEEN_MODES = 0.5;
const MINIMUM_WAVES = 3;
/** Waves without a single mode after which a search gives up: the objective is flat, or rises to nowhere. */
const BARREN_WAVES = 5;

export function search(gpu: Gpu, objective: Objective, method: Method, settings: SearchSettings): Promise<SearchResult> {
  return surviving(gpu, settings, async (device, now) => {
    const run = new Search(device, objective, method, now);
    try {
      return await run.run();
    } catch (error) {
      if (error instanceof DeviceLostError) error.snapshot ??= run.snapshot;
      throw error;
    } finally {
      run.dispose();
    }
  });
}

/** One search; {@link search} and `fit` drive it. */
export class Search {
  readonly #gpu: Gpu;
  readonly #objective: Objective;
  readonly #method: Method;
  readonly #settings: SearchSettings;
  readonly #begun = performance.now();
  #engine!: Engine;
  #evaluator!: DisposableEvaluator;
  #archive!: Archive<Found>;
  #iterations = 0;
  #sampled = 0;
  #nonFinite = 0;
  #failedSteps = 0;
  #waves = 0;
  #components: ComponentView[] = [];
  #best: { x: Float64Array; value: number } | undefined;
  #snapshot: Snapshot | undefined;
  #state: EngineState | undefined;
  #stops = new Set<StopReason>();
  #cooling: number | undefined;
  #deadline: number | undefined;
  #milliseconds = { compile: 0, run: 0, polish: 0 };
  /** Waves in a row that left hardly anything unseen. */
  #seenAll = 0;
  #firstTemperature = 0;
  #watch: Watch | undefined;
  /** Of the engine, since its last annealing ended. */
  #buffers: SavedBuffers | undefined;
  /** What a checkpoint brought along, that this object did not count itself. */
  #earlier = { evaluations: 0, gradientEvaluations: 0, seconds: 0 };
  #readyAt = performance.now();

  constructor(gpu: Gpu, objective: Objective, method: Method, settings: SearchSettings) {
    this.#gpu = gpu;
    this.#objective = objective;
    this.#method = method;
    this.#settings = settings;
  }

  /** The state of the search as far as it is known on the host: what survives a lost device. */
  get snapshot(): Snapshot | undefined {
    if (!this.#snapshot) return undefined;
    const sense = this.#objective.text.sense;
    return {
      ...this.#snapshot,
      iteration: this.#iterations,
      evaluations: this.#evaluations,
      best: this.#best ? { x: Array.from(this.#best.x), value: sense * this.#best.value } : this.#snapshot.best,
      modes: this.#archive.modes().map(({ x, value }) => ({ x: Array.from(x), value: sense * value })),
    };
  }

  /** What the last wave ended with, and what it was evaluated by; undefined before the first iteration. */
  get ended(): { engine: Engine; state: EngineState; evaluator: DisposableEvaluator } | undefined {
    const state = this.#state;
    return state && { engine: this.#engine, state, evaluator: this.#evaluator };
  }

  /** Points at which the objective was called so far. */
  get evaluations(): number {
    return this.#evaluations;
  }

  dispose(): void {
    this.#engine?.dispose();
    this.#evaluator?.dispose?.();
  }

  async run(): Promise<SearchResult> {
    const { seed, checkpoint } = this.#settings;
    const defaults = searchDefaults(this.#objective.box.dim, this.#method);
    const samples = this.#settings.samples ?? defaults.samples;
    const evaluations = this.#settings.evaluations ?? defaults.evaluations;
    const single = this.#single;
    // What the user fixes stays as it is; the defaults give way to the budget.
    const wanted = this.#settings.components ?? defaults.components;
    const fitted = fitWave(this.#objective.box.dim, this.#method, wanted, samples, evaluations);
    const fixed = single || this.#settings.components !== undefined || this.#method.components !== undefined;
    const given = fixed ? undefined : checkpoint?.identity.components;
    const components = typeof given === 'number' ? given : fixed ? wanted : fitted.components;
    const saved = checkpoint && this.#savedState(checkpoint, components, samples);
    if (!single && this.#method.options.cooling === undefined) this.#cooling = saved ? saved.cooling : fitted.cooling;
    const before = performance.now();
    const shape = { components, samples, seed, chunkFloats: this.#settings.chunkFloats };
    // Both are waited for even if one fails, so that dispose() finds what the other has allocated.
    const made = await Promise.allSettled([
      Engine.create(this.#gpu, this.#objective, this.#method, shape).then((engine) => {
        this.#engine = engine;
      }),
      this.#makeEvaluator().then((evaluator) => {
        this.#evaluator = evaluator;
      }),
    ]);
    for (const part of made) if (part.status === 'rejected') throw part.reason;
    this.#readyAt = performance.now();
    this.#milliseconds.compile = this.#readyAt - before;
    this.#archive = new Archive<Found>(this.#evaluator);
    if (saved) await this.#restore(saved, checkpoint.seconds);
    // The time budget is for the search, not for the first use of a shader.
    const { seconds } = this.#settings;
    this.#deadline = seconds === undefined ? undefined : this.#readyAt + 1000 * (seconds - this.#earlier.seconds);
    let resumed: SavedSearch['phase'] | undefined = saved?.phase;
    for (let wave = saved?.wave ?? 0; resumed || this.#goesOn(evaluations); wave++) {
      if (resumed === 'annealing') await this.#annealOn(wave, evaluations, saved!);
      else if (!resumed) {
        const affordable = fitted.cost <= WAVE_SHARE * (evaluations - this.#evaluations);
        const annealed =
          wave === 0 || (wave % ANNEAL_EVERY === 0 && affordable && this.#waves < (this.#settings.waves ?? Number.POSITIVE_INFINITY));
        if (annealed) await this.#anneal(wave, evaluations);
        else await this.#polishCandidates(wave, evaluations, poolSize(this.#objective.box.dim, wave));
      }
      if (resumed !== 'between' && !single && this.#whole(evaluations)) await this.#keep(wave, 'between');
      resumed = undefined;
      if (single) {
        if (this.#stops.size === 0) this.#stops.add('waves');
        break;
      }
      if (this.#enough(wave)) break;
    }
    return this.#result(evaluations);
  }

  get #single(): boolean {
    return this.#settings.waves === 1;
  }

  /** Whether there is nothing left to look for. */
  #enough(wave: number): boolean {
    const { waves } = this.#settings;
    // Two waves in a row that leave hardly anything unseen: one alone may be luck.
    const unseen = unseenModes(this.#archive.counts);
    this.#seenAll = unseen.share < UNSEEN_SHARE && unseen.expected < UNSEEN_MODES ? this.#seenAll + 1 : 0;
    if (wave + 1 >= BARREN_WAVES && this.#archive.size === 0) this.#stops.add('no mode in sight');
    else if (wave + 1 >= MINIMUM_WAVES && this.#archive.size > 0 && this.#seenAll >= 2) this.#stops.add('all modes found');
    else if (waves !== undefined && this.#waves >= waves && wave + 1 >= waves * ANNEAL_EVERY) this.#stops.add('waves');
    else return false;
    return true;
  }

  /** Whether no budget or signal has cut the wave short. */
  #whole(evaluations: number): boolean {
    return this.#stops.size === 0 && this.#evaluations < evaluations && !this.#halt()?.aborted;
  }

  /** Takes a checkpoint, if anyone wants one. In `annealing` counters are those of before the wave. */
  async #keep(
    wave: number,
    phase: SavedSearch['phase'],
    counted = { iterations: this.#iterations, sampled: this.#sampled },
  ): Promise<void> {
    const { keeping } = this.#settings;
    if (!keeping) return;
    const { saveEngine } = this.#tools;
    if (phase === 'annealing' || (!this.#buffers && this.#waves > 0)) {
      this.#buffers = await guarded(this.#gpu, saveEngine(this.#engine));
    }
    const { run, polish } = this.#milliseconds;
    const state: SavedSearch = {
      wave,
      phase,
      ...counted,
      seenAll: this.#seenAll,
      nonFinite: this.#nonFinite,
      failedSteps: this.#failedSteps,
      waves: this.#waves,
      called: this.#evaluator.evaluations + this.#earlier.evaluations,
      gradients: this.#evaluator.gradientEvaluations + this.#earlier.gradientEvaluations,
      best: this.#best && { ...this.#best },
      archive: this.#archive.save(),
      cooling: this.#cooling,
      firstTemperature: this.#firstTemperature,
      milliseconds: { run, polish },
      seen: phase === 'annealing' ? structuredClone(this.#watch?.seen) : undefined,
      buffers: this.#buffers,
    };
    const { components, samples } = this.#engine;
    await keeping.keep({
      kind: this.#settings.within?.kind ?? 'search',
      version: __VERSION__,
      adapter: this.#gpu.adapter,
      identity: this.#identity(components, samples),
      iteration: this.#iterations,
      evaluations: this.#evaluations,
      seconds: this.#seconds,
      state: state as unknown as State,
    });
  }

  /** Of running, with what a checkpoint brought along. */
  get #seconds(): number {
    return this.#earlier.seconds + (performance.now() - this.#readyAt) / 1000;
  }

  get #tools(): NonNullable<SearchSettings['tools']> {
    return this.#settings.tools!;
  }

  #identity(components: number, samples: number): Identity {
    const { within, start, seed } = this.#settings;
    const { objectiveIdentity, methodIdentity, startIdentity, layoutIdentity } = this.#tools;
    return {
      ...(within?.identity ?? objectiveIdentity(this.#objective)),
      ...methodIdentity(this.#method),
      components,
      samples,
      seed,
      'one wave': this.#single,
      ...startIdentity(start),
      ...layoutIdentity(),
    };
  }

  #savedState(checkpoint: Checkpoint, components: number, samples: number): SavedSearch {
    const { within } = this.#settings;
    return this.#tools.stateFor<SavedSearch>(checkpoint, within?.kind ?? 'search', this.#identity(components, samples));
  }

  async #restore(saved: SavedSearch, seconds: number): Promise<void> {
    const { checkSearch, checkEngine, loadEngine } = this.#tools;
    checkSearch(saved, this.#objective.box.dim);
    if (saved.buffers) checkEngine(this.#engine, saved.buffers);
    this.#iterations = saved.iterations;
    this.#sampled = saved.sampled;
    this.#seenAll = saved.seenAll;
    this.#nonFinite = saved.nonFinite;
    this.#failedSteps = saved.failedSteps;
    this.#waves = saved.waves;
    this.#best = saved.best;
    this.#firstTemperature = saved.firstTemperature;
    Object.assign(this.#milliseconds, saved.milliseconds);
    this.#earlier = { evaluations: saved.called, gradientEvaluations: saved.gradients, seconds };
    this.#archive.restore(saved.archive);
    if (saved.phase === 'annealing' || !saved.buffers) return;
    loadEngine(this.#engine, saved.buffers);
    this.#buffers = saved.buffers;
    this.#ended(await guarded(this.#gpu, this.#engine.read()));
  }

  async #makeEvaluator(): Promise<DisposableEvaluator> {
    const evaluator = await pointEvaluator(this.#gpu, this.#objective);
    if (!evaluator) throw new ObjectiveError('a search needs an objective; to ask for points and tell their values, use createSolver');
    return evaluator;
  }

  get #evaluations(): number {
    return this.#sampled + this.#earlier.evaluations + (this.#evaluator?.evaluations ?? 0);
  }

  /** The caller's signal and the time budget as one; aborted already when either is over. */
  #halt(): AbortSignal | undefined {
    const { signal } = this.#settings;
    if (this.#deadline === undefined) return signal;
    const left = this.#deadline - performance.now();
    const time = left > 0 ? AbortSignal.timeout(Math.min(Math.ceil(left), 2 ** 31 - 1)) : AbortSignal.abort();
    return signal ? AbortSignal.any([signal, time]) : time;
  }

  #goesOn(evaluations: number): boolean {
    const { signal, iterations, target } = this.#settings;
    if (signal?.aborted) this.#stops.add('aborted');
    if (this.#evaluations >= evaluations) this.#stops.add('evaluations');
    if (this.#deadline !== undefined && performance.now() >= this.#deadline) this.#stops.add('seconds');
    if (iterations !== undefined && this.#iterations >= iterations) this.#stops.add('iterations');
    const sense = this.#objective.text.sense;
    if (target !== undefined && this.#best && this.#best.value >= sense * target) this.#stops.add('target');
    return this.#stops.size === 0;
  }

  async #anneal(wave: number, evaluations: number): Promise<void> {
    const { seed } = this.#settings;
    const engine = this.#engine;
    const start = this.#settings.start ?? uniformStart(this.#objective.box.dim, engine.components, seed, wave);
    const left = evaluations - this.#evaluations;
    const { temperature } = this.#method;
    const bySlopes = temperature.kind === 'geometric' && temperature.from === 'slopes';
    const forTemperature = temperature.first !== undefined ? 0 : bySlopes ? 2 * engine.components : 2;
    const perIteration = engine.firstEvaluations;
    if (left < perIteration + forTemperature) {
      // Too little for one iteration; start candidates may still make something of it.
      if (this.#single) this.#stops.add('evaluations');
      return;
    }
    this.#firstTemperature = await this.#findTemperature(start, wave, left - perIteration);
    await engine.start({
      start,
      firstTemperature: this.#firstTemperature,
      round: this.#iterations,
      cooling: this.#cooling,
      ...this.#limits(evaluations),
    });
    await this.#finishWave(wave, evaluations);
  }

  /** The wave that a checkpoint was taken in. */
  async #annealOn(wave: number, evaluations: number, { buffers, seen }: SavedSearch): Promise<void> {
    const { loadEngine, mismatch } = this.#tools;
    loadEngine(this.#engine, buffers ?? mismatch('the state of the mixture'), this.#limits(evaluations));
    await this.#finishWave(wave, evaluations, seen);
  }

  /** Budgets of a wave that starts now. */
  #limits(evaluations: number): Limits {
    const { iterations, target, polishShare = 0 } = this.#settings;
    const left = evaluations - this.#evaluations;
    const perIteration = this.#engine.firstEvaluations;
    return {
      maxIterations: iterations === undefined ? undefined : iterations - this.#iterations,
      // A rugged landscape cools slowly: restarts and candidates must get their share too.
      maxEvaluations: this.#single
        ? Math.max(Math.floor((1 - polishShare) * left), perIteration)
        : Math.min(left, Math.max(perIteration, Math.ceil(WAVE_SHARE * evaluations))),
      targetValue: target === undefined ? undefined : this.#objective.text.sense * target,
    };
  }

  /** Anneals from the engine's state to the end of the wave, and polishes what it ends with. */
  async #finishWave(wave: number, evaluations: number, seen?: Seen): Promise<void> {
    const { signal, keeping, pause, watching } = this.#settings;
    const engine = this.#engine;
    const sense = this.#objective.text.sense;
    this.#snapshot = snapshotOf(engine, await guarded(this.#gpu, engine.read()));
    const watch = watching?.(engine.samples, this.#snapshot);
    if (watch && seen) watch.seen = structuredClone(seen);
    this.#watch = watch;
    const before = performance.now();
    const counted = { iterations: this.#iterations, sampled: this.#sampled };
    const { control, reason } = await runLoop(engine, {
      signal,
      deadline: this.#deadline,
      iterations: watch?.ended ? 0 : undefined,
      check: watch && {
        every: watch.every,
        ends: async () => (await watch.check(snapshotOf(engine, await guarded(this.#gpu, engine.read())))) !== undefined,
      },
      rest: (keeping || pause) && {
        due: () => keeping?.due() || pause?.on || false,
        take: async () => {
          if (keeping?.due()) await this.#keep(wave, 'annealing', counted);
          await pause?.over(signal);
        },
      },
      onProgress: (now, rows) => {
        watch?.add(rows);
        this.#iterations = counted.iterations + now.iteration;
        this.#sampled = counted.sampled + now.evaluations;
        const best = sense * Math.max(now.best, this.#best?.value ?? NO_VALUE);
        this.#report(wave, now.temperature, this.#firstTemperature, evaluations, best, rows);
      },
    });
    this.#milliseconds.run += performance.now() - before;
    this.#iterations = counted.iterations + control.iteration;
    this.#sampled = counted.sampled + control.evaluations;
    await this.#keep(wave, 'annealing', counted);
    this.#nonFinite += control.non_finite;
    this.#failedSteps += control.failures;
    this.#waves++;
    if (control.stop & stopBit.noValues && !this.#best) {
      throw new ObjectiveError(
        `the objective returned no usable number at any of the ${control.evaluations} points sampled in the box; check it for NaN, infinities and division by zero`,
      );
    }
    for (const stop of stopReasons(control)) {
      // The end of one wave among many is not the end of the search.
      if (this.#single || stop === 'target' || stop === 'iterations') this.#stops.add(stop);
    }
    if (watch?.ended && (this.#single || watch.ended === 'termination')) this.#stops.add(watch.ended);
    if (reason === 'deadline') this.#stops.add('seconds');
    if (signal?.aborted) this.#stops.add('aborted');
    this.#ended(await guarded(this.#gpu, engine.read()));
    // A bounded density comes with its Jacobian: the best of it is not the best value.
    if (this.#objective.boundary !== 'bounded') for (const { best, bestX } of this.#components) this.#see(bestX, best);
    if (this.#settings.polish !== false) await this.#polishMeans(control.temperature, evaluations);
  }

  #ended(state: EngineState): void {
    this.#state = state;
    this.#snapshot = snapshotOf(this.#engine, state);
    this.#components = viewComponents(this.#engine, state);
  }

  /** The spread of the objective over the start's own samples; the method's own choice goes first. */
  async #findTemperature(start: Start, wave: number, budget: number): Promise<number> {
    const { temperature } = this.#method;
    if (temperature.first !== undefined) return temperature.first;
    const { dim } = this.#objective.box;
    const random = new RandomStream(this.#settings.seed, purpose.initialise, wave + 0x10000);
    if (temperature.kind === 'geometric' && temperature.from === 'slopes') {
      const samples = Math.min(this.#engine.samples, Math.floor(budget / this.#engine.components));
      const { points, temperatureOf } = slopeDraws(start, dim, samples, random);
      return temperatureOf(await this.#startValues(points));
    }
    const count = Math.max(2, Math.min(budget, Math.max(64, Math.min(1024, this.#engine.plan.evaluations))));
    const points = new Float64Array(count * dim);
    for (let i = 0; i < count; i++) {
      const k = i % this.#engine.components;
      for (let a = 0; a < dim; a++) points[i * dim + a] = start.means[k * dim + a]! + FIRST_DEVIATION * random.normal();
    }
    return temperatureOf(await this.#startValues(points), temperature);
  }

  /** Values at samples of the start, in search coordinates. */
  async #startValues(samples: Float64Array): Promise<Float64Array> {
    const { box, boundary } = this.#objective;
    // Beyond the box only a search without a boundary evaluates; elsewhere the start's samples stay in it.
    const inside = boundary === 'none' || boundary === 'bounded' ? boundary : 'reflect';
    const points = new Float64Array(samples.length);
    for (let at = 0; at < samples.length; at += box.dim) points.set(toUser(samples.subarray(at, at + box.dim), box, inside), at);
    const values = await guarded(this.#gpu, this.#evaluator.evaluate(points));
    this.#nonFinite += values.filter((value) => !Number.isFinite(value)).length;
    values.forEach((value, i) => {
      this.#see(points.subarray(i * box.dim, (i + 1) * box.dim), value);
    });
    return values;
  }

  /** Component means -> modes: those that belong to a known mode count as found again, the others are polished. */
  async #polishMeans(temperature: number, evaluations: number): Promise<void> {
    const ranked = this.#method.estimator === 'ranked';
    const candidates = this.#components.map((component) => ({
      x: component.x,
      scale: component.scale,
      covariance: component.covariance,
      // Where values are ranked omega says nothing of the curvature.
      found: {
        covariance: ranked ? undefined : component.covariance.map((entry) => entry / temperature),
        componentWeight: component.weight,
      },
    }));
    await this.#polishAll(candidates, evaluations);
  }

  async #polishCandidates(wave: number, evaluations: number, count: number): Promise<void> {
    const { box } = this.#objective;
    const pool = Math.min(count, Math.floor((evaluations - this.#evaluations) / 2));
    if (pool < 2) {
      this.#stops.add('evaluations');
      return;
    }
    const { candidates, finite } = await guarded(this.#gpu, localMaxima(this.#evaluator, box, pool, this.#settings.seed, wave));
    this.#nonFinite += pool - finite;
    for (const { x, value } of candidates.slice(0, 1)) this.#see(x, value);
    // Where most modes are still unseen there are more of them than a budget holds: then the best candidates go first.
    const share = unseenModes(this.#archive.counts).share > 0.5 ? 1 / 16 : 1 / 2;
    const chosen = candidates.slice(0, Math.max(32, Math.ceil(share * candidates.length)));
    await this.#polishAll(
      chosen.map((candidate) => ({ ...candidate, found: {} })),
      evaluations,
    );
    this.#report(wave, 0, 1, evaluations, this.#objective.text.sense * (this.#best?.value ?? NO_VALUE), []);
  }

  async #polishAll(candidates: readonly (Candidate & { found: Found })[], evaluations: number): Promise<void> {
    const before = performance.now();
    const { box, boundary } = this.#objective;
    const bounds = boundary === 'none' ? undefined : { lower: box.lower, upper: box.upper };
    // What an interrupted wave has found is still made into modes, within a bounded number of rounds.
    const halt = this.#halt();
    const limits = halt?.aborted ? { maxRounds: ROUNDS_AFTER_ABORT } : halt ? { signal: halt } : {};
    const left = () => Math.max(0, evaluations - this.#evaluations);
    const known = await guarded(
      this.#gpu,
      this.#archive.match(candidates, { maxEvaluations: left(), ...(halt && !halt.aborted ? { signal: halt } : {}) }),
    );
    const fresh: (Candidate & { found: Found })[] = [];
    const again = new Set<ArchivedMode<Found>>();
    candidates.forEach((candidate, i) => {
      const mode = known[i];
      if (mode) again.add(mode);
      else fresh.push(candidate);
    });
    for (const mode of again) this.#archive.recordFind(mode);
    if (fresh.length > 0 && left() > 0) {
      const polished = await guarded(this.#gpu, polish(this.#evaluator, fresh, bounds, { maxEvaluations: left(), ...limits }));
      for (const [i, point] of polished.entries()) {
        if (!point.isMode) continue;
        this.#see(point.x, point.value);
        const candidate = fresh[i]!;
        const scaled = candidate.covariance ? { ...point, covariance: candidate.covariance } : point;
        const find = { foundAt: this.#evaluations, meta: candidate.found, independent: true };
        await guarded(this.#gpu, this.#archive.add(scaled, find, { maxEvaluations: left() }));
      }
    }
    this.#milliseconds.polish += performance.now() - before;
  }

  #see(x: Float64Array, value: number): void {
    if (value > -1e30 && (!this.#best || value > this.#best.value)) this.#best = { x: x.slice(), value };
  }

  #report(wave: number, temperature: number, first: number, evaluations: number, best: number, rows: readonly TraceRow[]): void {
    const { onProgress, seconds, iterations } = this.#settings;
    if (!onProgress) return;
    const shares = [this.#evaluations / evaluations];
    if (seconds !== undefined && this.#deadline !== undefined) shares.push(1 - (this.#deadline - performance.now()) / (1000 * seconds));
    if (iterations !== undefined) shares.push(this.#iterations / iterations);
    if (this.#settings.waves === 1 && temperature > 0) shares.push(Math.log(first / temperature) / Math.log(1e4));
    onProgress({
      wave,
      iteration: this.#iterations,
      evaluations: this.#evaluations,
      temperature,
      best,
      modes: this.#archive.size,
      done: Math.min(1, Math.max(...shares)),
      rows,
    });
  }

  async #result(evaluations: number): Promise<SearchResult> {
    const { box, boundary } = this.#objective;
    const { dim } = box;
    const sense = this.#objective.text.sense;
    const bounds = boundary === 'none' ? undefined : { lower: box.lower, upper: box.upper };
    const listed = this.#archive.modes();
    const affordable = !this.#halt()?.aborted ? evaluations - this.#evaluations : 0;
    const modes = await guarded(this.#gpu, describeModes(this.#evaluator, listed, sense, bounds, affordable));
    const best = modes[0] && (!this.#best || sense * modes[0].value >= this.#best.value - 1e-12) ? modes[0] : undefined;
    const reasons = [...this.#stops];
    const aborted = reasons.includes('aborted');
    const unseen = unseenModes(this.#archive.counts);
    const { options, name, estimator, covariance, sampling } = this.#method;
    const globals = modes.filter(({ global }) => global).length;
    return {
      status: aborted ? 'aborted' : 'success',
      message: `${modes.length} mode${modes.length === 1 ? '' : 's'} found, ${globals} of them global; stopped by: ${reasons.join(', ')}`,
      stopReasons: reasons,
      modes,
      mixture: mixtureOf(this.#components, dim),
      best: best
        ? { x: best.x.slice(), value: best.value }
        : { x: Array.from(this.#best?.x ?? []), value: this.#best ? sense * this.#best.value : Number.NaN },
      evaluations: this.#evaluations,
      gradientEvaluations:
        this.#evaluator.gradientEvaluations +
        this.#earlier.gradientEvaluations +
        (estimator === 'stein' || estimator === 'hessian' ? this.#sampled : 0),
      nonFinite: this.#nonFinite,
      failedSteps: this.#failedSteps,
      iterations: this.#iterations,
      waves: this.#waves,
      unseen,
      seconds: {
        total: this.#earlier.seconds + (performance.now() - this.#begun) / 1000,
        compile: this.#milliseconds.compile / 1000,
        run: this.#milliseconds.run / 1000,
        polish: this.#milliseconds.polish / 1000,
      },
      seed: this.#settings.seed,
      method: name,
      options: {
        ...options,
        estimator,
        covariance,
        sampling,
        boundary,
        components: this.#engine.components,
        samples: this.#engine.samples,
        evaluations,
        ...(this.#settings.iterations === undefined ? {} : { iterations: this.#settings.iterations }),
        ...(this.#settings.seconds === undefined ? {} : { seconds: this.#settings.seconds }),
        ...(this.#settings.target === undefined ? {} : { target: this.#settings.target }),
        ...(this.#settings.waves === undefined ? {} : { waves: this.#settings.waves }),
      },
      sense: sense === 1 ? 'maximize' : 'minimize',
      adapter: this.#gpu.adapter,
      precision: { search: 'f32', polish: this.#evaluator.precision },
      variants: this.#engine.variants,
      gpuBytes: this.#engine.bytes,
      version: __VERSION__,
    };
  }
}

/** Every so many waves anneals; the others polish candidates. */
const ANNEAL_EVERY = 4;
const ROUNDS_AFTER_ABORT = 60;
