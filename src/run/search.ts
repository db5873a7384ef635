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
import { type Start, uniformStart } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import { type DisposableEvaluator, pointEvaluator } from '../objective/point-evaluators.ts';
import { type Summarised, withSummary } from '../result/summary.ts';
import type { SearchResult, Snapshot } from '../result/types.ts';
import { unseenModes } from '../result/unseen.ts';
import { fitWave, poolSize, searchDefaults, WAVE_SHARE } from './defaults.ts';
import { secondsBefore, surviving } from './device-loss.ts';
import { Engine, type EngineShape, type EngineState } from './engine.ts';
import { Harvest } from './harvest.ts';
import { addTimes, guarded, type LoopTime, runLoop } from './loop.ts';
import type { Method } from './method.ts';
import { SearchBudget } from './search-budget.ts';
import type { SearchCheckpoints } from './search-checkpoints.ts';
import { searchResult } from './search-result.ts';
import type { SearchSettings } from './search-settings.ts';
import type { SavedSearch, SearchPlace } from './search-state.ts';
import { type ComponentView, componentChanges, snapshotOf, stopReasons, viewComponents } from './snapshot.ts';
import { Tally } from './tally.ts';
import { bySlopes, waveDraws } from './temperature-draws.ts';
import type { Seen, Watch } from './tolerances.ts';
import type { TraceRow } from './trace.ts';
import { chooseFor } from './tuning.ts';

/** Every so many waves anneals; the others polish candidates. */
const ANNEAL_EVERY = 4;
/** A search may end when fewer modes than this are thought unseen: as a share of all, and as a number. */
const UNSEEN_SHARE = 0.05;
const UNSEEN_MODES = 0.5;
const MINIMUM_WAVES = 3;
/** Waves without a single mode after which a search gives up: the objective is flat, or rises to nowhere. */
const BARREN_WAVES = 5;

export function search(gpu: Gpu, objective: Objective, method: Method, settings: SearchSettings): Promise<Summarised<SearchResult>> {
  return surviving(gpu, settings, async (device, now) => {
    const run = new Search(device, objective, method, now);
    try {
      return withSummary(await run.run());
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
  readonly #single: boolean;
  readonly #begun = performance.now();
  readonly #tally = new Tally();
  #engine!: Engine;
  #evaluator!: DisposableEvaluator;
  #budget!: SearchBudget;
  #harvest!: Harvest;
  /** Undefined where nobody keeps any. */
  #checkpoints: SearchCheckpoints | undefined;
  /** What the last wave ended with. */
  #state: EngineState | undefined;
  #snapshot: Snapshot | undefined;
  #components: ComponentView[] = [];
  #cooling: number | undefined;
  #firstTemperature = 0;
  /** Waves in a row that left hardly anything unseen. */
  #seenAll = 0;
  #watch: Watch | undefined;
  #readyAt = performance.now();

  constructor(gpu: Gpu, objective: Objective, method: Method, settings: SearchSettings) {
    this.#gpu = gpu;
    this.#objective = objective;
    this.#method = method;
    this.#settings = settings;
    this.#single = settings.waves === 1;
  }

  /** The state of the search as far as it is known on the host: what survives a lost device. */
  get snapshot(): Snapshot | undefined {
    if (!this.#snapshot) return undefined;
    const sense = this.#objective.text.sense;
    const { iterations, evaluations, best } = this.#tally;
    return {
      ...this.#snapshot,
      iteration: iterations,
      evaluations,
      best: best ? { x: Array.from(best.x), value: sense * best.value } : this.#snapshot.best,
      modes: this.#harvest.archive.modes().map(({ x, value }) => ({ x: Array.from(x), value: sense * value })),
    };
  }

  /** What the last wave ended with, and what it was evaluated by; undefined before the first iteration. */
  get ended(): { engine: Engine; state: EngineState; evaluator: DisposableEvaluator } | undefined {
    const state = this.#state;
    return state && { engine: this.#engine, state, evaluator: this.#evaluator };
  }

  /** Of the annealing so far. */
  get time(): LoopTime {
    const { gpu, readback } = this.#tally.milliseconds;
    return { gpu, readback };
  }

  /** Points at which the objective was called so far. */
  get evaluations(): number {
    return this.#tally.evaluations;
  }

  dispose(): void {
    this.#engine?.dispose();
    this.#evaluator?.dispose?.();
  }

  async run(): Promise<SearchResult> {
    const { checkpoint, tools, seed } = this.#settings;
    const { dim } = this.#objective.box;
    const defaults = searchDefaults(dim, this.#method);
    const samples = this.#settings.samples ?? defaults.samples;
    const evaluations = this.#settings.evaluations ?? defaults.evaluations;
    const single = this.#single;
    // What the user fixes stays as it is; the defaults give way to the budget.
    const wanted = this.#settings.components ?? defaults.components;
    const fitted = fitWave(dim, this.#method, wanted, samples, evaluations);
    const fixed = single || this.#settings.components !== undefined || this.#method.components !== undefined;
    const given = fixed ? undefined : checkpoint?.identity.components;
    const components = typeof given === 'number' ? given : fixed ? wanted : fitted.components;
    const shape = { components, samples, seed, chunkFloats: this.#settings.chunkFloats };
    const chosen = await chooseFor(this.#gpu, this.#objective, this.#method, shape, this.#settings.tuning, checkpoint);
    this.#checkpoints =
      tools && new tools.SearchCheckpoints(this.#gpu, this.#objective, this.#method, this.#settings, { components, samples, chosen });
    const saved = this.#checkpoints?.saved;
    if (!single && this.#method.options.cooling === undefined) this.#cooling = saved ? saved.cooling : fitted.cooling;
    await this.#open({ ...shape, chosen });
    this.#tally.earlier.seconds = secondsBefore(this.#settings);
    const budget = new SearchBudget(this.#settings, this.#tally, evaluations, this.#objective.text.sense);
    this.#budget = budget;
    this.#harvest = new Harvest(this.#gpu, this.#objective, this.#evaluator, budget, this.#tally);
    if (saved) await this.#restore(saved);
    let resumed: SavedSearch['phase'] | undefined = saved?.phase;
    for (let wave = saved?.wave ?? 0; resumed || budget.goesOn(); wave++) {
      if (resumed === 'annealing') await this.#annealOn(wave, saved!);
      else if (!resumed) {
        const affordable = fitted.cost <= WAVE_SHARE * budget.left;
        const annealed =
          wave === 0 || (wave % ANNEAL_EVERY === 0 && affordable && this.#tally.waves < (this.#settings.waves ?? Number.POSITIVE_INFINITY));
        if (annealed) await this.#anneal(wave);
        else if (await this.#harvest.sample(poolSize(dim, wave), seed, wave)) {
          this.#report(wave, 0, this.#objective.text.sense * (this.#tally.best?.value ?? NO_VALUE), []);
        }
      }
      if (resumed !== 'between' && !single && budget.whole()) await this.#keep(wave, 'between');
      resumed = undefined;
      if (single) {
        if (this.#tally.stops.size === 0) this.#tally.stops.add('waves');
        break;
      }
      if (this.#enough(wave)) break;
    }
    const total = () => this.#tally.earlier.seconds + (performance.now() - this.#begun) / 1000;
    return searchResult(this.#engine, this.#harvest, this.#components, this.#tally, budget, this.#settings, total);
  }

  /** Compiles and allocates. */
  async #open(shape: EngineShape): Promise<void> {
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
    this.#tally.evaluator = this.#evaluator;
    this.#readyAt = performance.now();
    this.#tally.milliseconds.compile = this.#readyAt - this.#begun;
  }

  async #makeEvaluator(): Promise<DisposableEvaluator> {
    const evaluator = await pointEvaluator(this.#gpu, this.#objective);
    if (!evaluator) throw new ObjectiveError('a search needs an objective; to ask for points and tell their values, use createSolver');
    return evaluator;
  }

  /** Whether there is nothing left to look for. */
  #enough(wave: number): boolean {
    const { waves } = this.#settings;
    const { archive } = this.#harvest;
    const { stops } = this.#tally;
    // Two waves in a row that leave hardly anything unseen: one alone may be luck.
    const unseen = unseenModes(archive.counts);
    this.#seenAll = unseen.share < UNSEEN_SHARE && unseen.expected < UNSEEN_MODES ? this.#seenAll + 1 : 0;
    if (wave + 1 >= BARREN_WAVES && archive.size === 0) stops.add('no mode in sight');
    else if (wave + 1 >= MINIMUM_WAVES && archive.size > 0 && this.#seenAll >= 2) stops.add('all modes found');
    else if (waves !== undefined && this.#tally.waves >= waves && wave + 1 >= waves * ANNEAL_EVERY) stops.add('waves');
    else return false;
    return true;
  }

  async #anneal(wave: number): Promise<void> {
    const engine = this.#engine;
    const start = this.#settings.start ?? uniformStart(this.#objective.box.dim, engine.components, this.#settings.seed, wave);
    const { temperature } = this.#method;
    const forTemperature = temperature.first !== undefined ? 0 : bySlopes(this.#method) ? 2 * engine.components : 2;
    const perIteration = engine.firstEvaluations;
    if (this.#budget.left < perIteration + forTemperature) {
      // Too little for one iteration; start candidates may still make something of it.
      if (this.#single) this.#tally.stops.add('evaluations');
      return;
    }
    this.#firstTemperature = temperature.first ?? (await this.#findTemperature(start, wave, this.#budget.left - perIteration));
    await engine.start({
      start,
      firstTemperature: this.#firstTemperature,
      round: this.#tally.iterations,
      cooling: this.#cooling,
      ...this.#budget.wave(this.#single, perIteration),
    });
    await this.#finishWave(wave);
  }

  /** By the values at draws of the wave's start. */
  async #findTemperature(start: Start, wave: number, budget: number): Promise<number> {
    const engine = this.#engine;
    const shape = { samples: engine.samples, wanted: engine.plan.evaluations };
    const { points, temperatureOf } = await waveDraws(this.#objective, this.#method, start, shape, this.#settings.seed, wave, budget);
    const { dim } = this.#objective.box;
    const values = await guarded(this.#gpu, this.#evaluator.evaluate(points));
    this.#tally.nonFinite += values.filter((value) => !Number.isFinite(value)).length;
    values.forEach((value, i) => {
      this.#tally.see(points.subarray(i * dim, (i + 1) * dim), value);
    });
    return temperatureOf(values);
  }

  /** The wave that a checkpoint was taken in. */
  async #annealOn(wave: number, { seen }: SavedSearch): Promise<void> {
    this.#checkpoints!.resume(this.#engine, this.#budget.wave(this.#single, this.#engine.firstEvaluations));
    await this.#finishWave(wave, seen);
  }

  /** Anneals from the engine's state to the end of the wave, and polishes what it ends with. */
  async #finishWave(wave: number, seen?: Seen): Promise<void> {
    const { signal, keeping, pause, watching } = this.#settings;
    const engine = this.#engine;
    const tally = this.#tally;
    const sense = this.#objective.text.sense;
    this.#snapshot = snapshotOf(engine, await guarded(this.#gpu, engine.read()));
    const watch = watching?.(engine.samples, this.#snapshot);
    if (watch && seen) watch.seen = structuredClone(seen);
    this.#watch = watch;
    const before = performance.now();
    const spent = { ...tally.milliseconds };
    const book = (time: LoopTime) =>
      Object.assign(tally.milliseconds, addTimes(spent, time), { run: spent.run + performance.now() - before });
    const counted = { iterations: tally.iterations, sampled: tally.sampled };
    const { control, reason, time } = await runLoop(engine, {
      signal,
      deadline: this.#budget.deadline,
      iterations: watch?.ended ? 0 : undefined,
      check: watch && {
        every: watch.every,
        ends: async () => (await watch.check(snapshotOf(engine, await guarded(this.#gpu, engine.read())))) !== undefined,
      },
      rest: (keeping || pause) && {
        due: () => keeping?.due() || pause?.on || false,
        take: async (time) => {
          book(time);
          if (keeping?.due()) await this.#keep(wave, 'annealing', counted);
          await pause?.over(signal);
        },
      },
      onProgress: (now, rows) => {
        watch?.add(rows);
        tally.iterations = counted.iterations + now.iteration;
        tally.sampled = counted.sampled + now.evaluations;
        const best = sense * Math.max(now.best, tally.best?.value ?? NO_VALUE);
        this.#report(wave, now.temperature, best, rows);
      },
    });
    book(time);
    tally.iterations = counted.iterations + control.iteration;
    tally.sampled = counted.sampled + control.evaluations;
    await this.#keep(wave, 'annealing', counted);
    tally.nonFinite += control.non_finite;
    tally.failedSteps += control.failures;
    const { componentsRemoved, componentsAdded } = componentChanges(engine.components, control);
    tally.removed += componentsRemoved;
    tally.added += componentsAdded;
    tally.waves++;
    if (control.stop & stopBit.noValues && !tally.best) {
      throw new ObjectiveError(
        `the objective returned no usable number at any of the ${control.evaluations} points sampled in the box; check it for NaN, infinities and division by zero`,
      );
    }
    for (const stop of stopReasons(control)) {
      // The end of one wave among many is not the end of the search.
      if (this.#single || stop === 'target' || stop === 'iterations') tally.stops.add(stop);
    }
    if (watch?.ended && (this.#single || watch.ended === 'termination')) tally.stops.add(watch.ended);
    if (reason === 'deadline') tally.stops.add('seconds');
    if (signal?.aborted) tally.stops.add('aborted');
    this.#ended(await guarded(this.#gpu, engine.read()));
    // A bounded density comes with its Jacobian: the best of it is not the best value.
    if (this.#objective.boundary !== 'bounded') for (const { best, bestX } of this.#components) tally.see(bestX, best);
    if (this.#settings.polish !== false) {
      await this.#harvest.means(this.#components, control.temperature, this.#method.estimator === 'ranked');
    }
  }

  #ended(state: EngineState): void {
    this.#state = state;
    this.#snapshot = snapshotOf(this.#engine, state);
    this.#components = viewComponents(this.#engine, state);
  }

  /** @param temperature 0 where nothing is annealed */
  #report(wave: number, temperature: number, best: number, rows: readonly TraceRow[]): void {
    const { onProgress } = this.#settings;
    if (!onProgress) return;
    const cooled = this.#single && temperature > 0 ? Math.log(this.#firstTemperature / temperature) / Math.log(1e4) : 0;
    onProgress({
      wave,
      iteration: this.#tally.iterations,
      evaluations: this.#tally.evaluations,
      temperature,
      best,
      modes: this.#harvest.archive.size,
      done: Math.min(1, Math.max(this.#budget.done(), cooled)),
      rows,
    });
  }

  /** Takes a checkpoint, if anyone wants one. In `annealing` counters are those of before the wave. */
  async #keep(wave: number, phase: SearchPlace['phase'], counted?: { iterations: number; sampled: number }): Promise<void> {
    const place = {
      wave,
      phase,
      seenAll: this.#seenAll,
      cooling: this.#cooling,
      firstTemperature: this.#firstTemperature,
      seen: phase === 'annealing' ? this.#watch?.seen : undefined,
    };
    const seconds = this.#tally.earlier.seconds + (performance.now() - this.#readyAt) / 1000;
    await this.#checkpoints?.keep(this.#engine, place, seconds, this.#tally, this.#harvest.archive, counted);
  }

  async #restore(saved: SavedSearch): Promise<void> {
    const ended = this.#checkpoints!.restore(this.#engine, this.#tally, this.#harvest.archive);
    this.#seenAll = saved.seenAll;
    this.#firstTemperature = saved.firstTemperature;
    if (ended) this.#ended(await guarded(this.#gpu, this.#engine.read()));
  }
}
