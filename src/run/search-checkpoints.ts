/** The checkpoints of a search: the one that it goes on from, and those that it takes. */
import type { Gpu } from '../gpu/device.ts';
import type { Start } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import type { Archive } from '../result/archive.ts';
import { type Checkpoint, mismatch, stateFor } from './checkpoint.ts';
import type { Found } from './describe-modes.ts';
import type { Engine } from './engine.ts';
import type { Identity } from './identity.ts';
import type { Keeping } from './keeping.ts';
import { guarded } from './loop.ts';
import type { Method } from './method.ts';
import { checkEngine, type Limits, loadEngine, type SavedBuffers, saveEngine } from './persistent.ts';
import { checkSearch, restoreSearch, type SavedSearch, type SearchPlace, saveSearch, searchIdentity } from './search-state.ts';
import type { Tally } from './tally.ts';
import type { Chosen } from './variants.ts';

/** Of the search's settings, those that its checkpoints depend on. */
interface Settings {
  seed: number;
  start?: Start | undefined;
  waves?: number | undefined;
  checkpoint?: Checkpoint | undefined;
  keeping?: Keeping | undefined;
  within?: { kind: Checkpoint['kind']; identity: Identity } | undefined;
}

export class SearchCheckpoints {
  /** What there is to go on from. */
  readonly saved: SavedSearch | undefined;
  readonly #gpu: Gpu;
  readonly #keeping: Keeping | undefined;
  readonly #kind: Checkpoint['kind'];
  /** What they are checkpoints of. */
  readonly #identity: Identity;
  /** Of the engine, since its last annealing ended. */
  #buffers: SavedBuffers | undefined;

  /** @throws CheckpointError where the one to go on from is another run's */
  constructor(
    gpu: Gpu,
    objective: Objective,
    method: Method,
    settings: Settings,
    shape: { components: number; samples: number; chosen: Chosen },
  ) {
    const { checkpoint, keeping, within, seed, start, waves } = settings;
    this.#gpu = gpu;
    this.#keeping = keeping;
    this.#kind = within?.kind ?? 'search';
    this.#identity = searchIdentity(objective, method, { ...shape, seed, start, oneWave: waves === 1, of: within?.identity });
    this.saved = checkpoint && stateFor<SavedSearch>(checkpoint, this.#kind, this.#identity);
  }

  /**
   * Sets everything to where {@link saved} is, but for an annealing in progress. Whether the engine holds the end of one.
   * @throws CheckpointError before anything is changed
   */
  restore(engine: Engine, tally: Tally, archive: Archive<Found>): boolean {
    const saved = this.saved!;
    checkSearch(saved, engine.dim);
    if (saved.buffers) checkEngine(engine, saved.buffers);
    restoreSearch(saved, tally, archive);
    if (saved.phase === 'annealing' || !saved.buffers) return false;
    loadEngine(engine, saved.buffers);
    this.#buffers = saved.buffers;
    return true;
  }

  /** Into the annealing that {@link saved} was taken in. @throws CheckpointError */
  resume(engine: Engine, limits: Limits): void {
    loadEngine(engine, this.saved!.buffers ?? mismatch('the state of the mixture'), limits);
  }

  /** Takes one, if anyone wants it. @param counted iterations and points of annealing at the place, if not the tally's */
  async keep(
    engine: Engine,
    place: Omit<SearchPlace, 'buffers'>,
    seconds: number,
    tally: Tally,
    archive: Archive<Found>,
    counted?: { iterations: number; sampled: number },
  ): Promise<void> {
    if (!this.#keeping) return;
    if (place.phase === 'annealing' || (!this.#buffers && tally.waves > 0)) {
      this.#buffers = await guarded(this.#gpu, saveEngine(engine));
    }
    const of = { kind: this.#kind, adapter: this.#gpu.adapter, identity: this.#identity, seconds };
    const now = { ...place, seen: structuredClone(place.seen), buffers: this.#buffers };
    await this.#keeping.keep(saveSearch(of, now, tally, archive, counted));
  }
}
