/** From candidates to modes: component means of a wave's end, or the peaks of a uniform sample, polished into the archive. */
import type { Gpu } from '../gpu/device.ts';
import type { Objective } from '../objective/objective.ts';
import type { DisposableEvaluator } from '../objective/point-evaluators.ts';
import { Archive, type ArchivedMode } from '../result/archive.ts';
import { type Candidate, polish } from '../result/polish.ts';
import { unseenModes } from '../result/unseen.ts';
import { localMaxima } from './candidates.ts';
import type { Found } from './describe-modes.ts';
import { guarded } from './loop.ts';
import type { SearchBudget } from './search-budget.ts';
import type { ComponentView } from './snapshot.ts';
import type { Tally } from './tally.ts';

/** Of a polish after an abort. */
const ROUNDS_AFTER_ABORT = 60;

export class Harvest {
  readonly archive: Archive<Found>;
  readonly #gpu: Gpu;
  readonly #objective: Objective;
  readonly evaluator: DisposableEvaluator;
  readonly #budget: SearchBudget;
  readonly #tally: Tally;

  constructor(gpu: Gpu, objective: Objective, evaluator: DisposableEvaluator, budget: SearchBudget, tally: Tally) {
    this.#gpu = gpu;
    this.#objective = objective;
    this.evaluator = evaluator;
    this.#budget = budget;
    this.#tally = tally;
    this.archive = new Archive<Found>(evaluator);
  }

  /** Component means -> modes: those that belong to a known mode count as found again, the others are polished. */
  async means(components: readonly ComponentView[], temperature: number, ranked: boolean): Promise<void> {
    await this.#polish(
      components.map((component) => ({
        x: component.x,
        scale: component.scale,
        covariance: component.covariance,
        // Where values are ranked omega says nothing of the curvature.
        found: {
          covariance: ranked ? undefined : component.covariance.map((entry) => entry / temperature),
          componentWeight: component.weight,
        },
      })),
    );
  }

  /** The local maxima of `count` points, or fewer where the budget ends. False: it has ended. */
  async sample(count: number, seed: number, wave: number): Promise<boolean> {
    const pool = Math.min(count, Math.floor(this.#budget.left / 2));
    if (pool < 2) {
      this.#tally.stops.add('evaluations');
      return false;
    }
    const { candidates, finite } = await guarded(this.#gpu, localMaxima(this.evaluator, this.#objective.box, pool, seed, wave));
    this.#tally.nonFinite += pool - finite;
    for (const { x, value } of candidates.slice(0, 1)) this.#tally.see(x, value);
    // Where most modes are still unseen there are more of them than a budget holds: then the best candidates go first.
    const share = unseenModes(this.archive.counts).share > 0.5 ? 1 / 16 : 1 / 2;
    const chosen = candidates.slice(0, Math.max(32, Math.ceil(share * candidates.length)));
    await this.#polish(chosen.map((candidate) => ({ ...candidate, found: {} })));
    return true;
  }

  async #polish(candidates: readonly (Candidate & { found: Found })[]): Promise<void> {
    const before = performance.now();
    const { box, boundary } = this.#objective;
    const bounds = boundary === 'none' ? undefined : { lower: box.lower, upper: box.upper };
    // What an interrupted wave has found is still made into modes, within a bounded number of rounds.
    const halt = this.#budget.halt();
    const limits = halt?.aborted ? { maxRounds: ROUNDS_AFTER_ABORT } : halt ? { signal: halt } : {};
    const left = () => Math.max(0, this.#budget.left);
    const known = await guarded(
      this.#gpu,
      this.archive.match(candidates, { maxEvaluations: left(), ...(halt && !halt.aborted ? { signal: halt } : {}) }),
    );
    const fresh: (Candidate & { found: Found })[] = [];
    const again = new Set<ArchivedMode<Found>>();
    candidates.forEach((candidate, i) => {
      const mode = known[i];
      if (mode) again.add(mode);
      else fresh.push(candidate);
    });
    for (const mode of again) this.archive.recordFind(mode);
    if (fresh.length > 0 && left() > 0) {
      const polished = await guarded(this.#gpu, polish(this.evaluator, fresh, bounds, { maxEvaluations: left(), ...limits }));
      for (const [i, point] of polished.entries()) {
        if (!point.isMode) continue;
        this.#tally.see(point.x, point.value);
        const candidate = fresh[i]!;
        const scaled = candidate.covariance ? { ...point, covariance: candidate.covariance } : point;
        const find = { foundAt: this.#tally.evaluations, meta: candidate.found, independent: true };
        await guarded(this.#gpu, this.archive.add(scaled, find, { maxEvaluations: left() }));
      }
    }
    this.#tally.milliseconds.polish += performance.now() - before;
  }
}
