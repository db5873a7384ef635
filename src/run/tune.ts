/**
 * Choosing kernel variants by trial. Candidates run a few iterations of the actual shape; one that does not compile, or whose numbers are
 * not those of the plainest kernels from the same state and draws, is dropped with a warning. What was fastest is remembered for the device.
 */
import { type Gpu, shouldReadByQuads } from '../gpu/device.ts';
import { DeviceLostError, ShaderError } from '../gpu/errors.ts';
import type { Objective } from '../objective/objective.ts';
import { alternatives, isAdmissible, plainest, variantLimits, type Work } from './admissible.ts';
import type { Identity } from './identity.ts';
import type { Method } from './method.ts';
import { type EngineShape, planRun } from './plan-run.ts';
import { type Answer, disagreement, Trial } from './trial.ts';
import { type Chosen, chooseVariants, describeVariants, type Variants } from './variants.ts';

/** Of running candidates, at most, unless a few iterations of one take longer. */
const BUDGET_MILLISECONDS = 1000;
/** Timed by turns, the best time of each counts. */
const ROUNDS = 3;
const BATCH_MILLISECONDS = 15;
const MOST_ITERATIONS = 64;
/** A second variant must be so much faster than the one at hand. */
const WORTH = 0.95;

type Found = Pick<Chosen, 'variants' | 'warnings'>;

const remembered = new WeakMap<GPUDevice, Map<string, Promise<Found>>>();

/** @throws errors of the user's own WGSL, LimitError, DeviceLostError */
export async function tune(gpu: Gpu, objective: Objective, method: Method, shape: EngineShape): Promise<Chosen> {
  let known = remembered.get(gpu.device);
  if (!known) {
    known = new Map();
    remembered.set(gpu.device, known);
  }
  const key = keyOf(gpu.device, objective, method, shape);
  let found = known.get(key);
  if (!found) {
    found = Tuner.run(gpu, objective, method, shape);
    known.set(key, found);
    found.catch(() => known.delete(key));
  }
  const { variants, warnings } = await found;
  return { tuning: 'auto', variants: { ...variants, keepDraws: shape.keepDraws ?? false }, warnings };
}

/** Those of a run that was tuned before, where this device takes them; else the plainest, which will be told as others. */
export async function sameVariants(gpu: Gpu, objective: Objective, method: Method, shape: EngineShape, saved: Identity): Promise<Chosen> {
  const work = { method, objective, ...(await planRun(gpu.device, objective, method, shape)) };
  const rule = chooseVariants(method, objective, work.plan, work.capacity, shape.keepDraws, shouldReadByQuads(gpu));
  const told = Object.keys(saved).filter((name) => name.startsWith('variants.')).length;
  let reached = [rule];
  // Every combination: one axis after the other.
  for (const axis of alternatives(work)) reached = reached.flatMap((from) => [from, ...axis(from)]);
  for (const variants of reached) {
    const chosen: Chosen = { tuning: 'auto', variants, warnings: [] };
    const described = Object.entries(describeVariants(method, chosen));
    const same = described.length === told && described.every(([name, value]) => saved[`variants.${name}`] === value);
    if (same && (await isAdmissible(work, variants, gpu.device.limits, shouldReadByQuads(gpu)))) return chosen;
  }
  return { tuning: 'auto', variants: plainest(work, rule), warnings: [] };
}

/** All that the answer depends on. */
function keyOf(device: GPUDevice, objective: Objective, method: Method, shape: EngineShape): string {
  const { covariance, sampling, nodes, batch, estimator, step, weights, adapt } = method;
  const { kind, box, boundary, text } = objective;
  const { components, samples, chunkFloats, keepDraws } = shape;
  return JSON.stringify([
    { dim: box.dim, components, samples, chunkFloats, keepDraws },
    { covariance, sampling, nodes, batch, estimator, step: step.rule, weights: weights.kind, capacity: adapt?.capacity },
    { kind, boundary, text },
    variantLimits.map((name) => device.limits[name]),
    device.features.has('subgroups'),
  ]);
}

class Tuner {
  readonly #gpu: Gpu;
  readonly #objective: Objective;
  readonly #method: Method;
  readonly #shape: EngineShape;
  readonly #work: Work;
  readonly #warnings: string[] = [];
  readonly #tried = new Set<string>();
  #spent = 0;
  #answer: Answer | undefined;

  private constructor(gpu: Gpu, objective: Objective, method: Method, shape: EngineShape, plan: Pick<Work, 'plan' | 'capacity'>) {
    this.#gpu = gpu;
    this.#objective = objective;
    this.#method = method;
    this.#shape = shape;
    this.#work = { method, objective, ...plan };
  }

  static async run(gpu: Gpu, given: Objective, method: Method, shape: EngineShape): Promise<Found> {
    // Whoever evaluates elsewhere is not bothered: any values will do.
    const objective: Objective = given.kind === 'wgsl' ? given : { ...given, kind: 'host', host: undefined, buffers: undefined };
    return new Tuner(gpu, objective, method, shape, await planRun(gpu.device, objective, method, shape)).#run();
  }

  async #run(): Promise<Found> {
    const { method, objective, plan, capacity } = this.#work;
    const { keepDraws = false } = this.#shape;
    const rule = chooseVariants(method, objective, plan, capacity, keepDraws, shouldReadByQuads(this.#gpu));
    const plain = plainest(this.#work, rule);
    let champion: Trial | undefined;
    try {
      champion = await this.#open(plain);
      // Without numbers to agree with there is nothing to choose by.
      if (!champion || !(await champion.begin())) {
        if (champion) this.#warnings.push('tuning: the objective gave no usable values to try kernels with; the fixed choice was taken');
        return { variants: (await this.#admissible(rule)) ? rule : plain, warnings: this.#warnings };
      }
      this.#answer = await champion.answer();
      champion = await this.#contest(champion, rule);
      for (const axis of alternatives(this.#work)) {
        for (const challenger of axis(champion.variants)) champion = await this.#contest(champion, challenger);
      }
      return { variants: champion.variants, warnings: this.#warnings };
    } finally {
      champion?.dispose();
    }
  }

  #admissible(variants: Variants): Promise<boolean> {
    return isAdmissible(this.#work, variants, this.#gpu.device.limits, shouldReadByQuads(this.#gpu));
  }

  #name(variants: Variants): string {
    const { tuning: _, ...described } = describeVariants(this.#method, { tuning: 'auto', variants, warnings: [] });
    return Object.entries(described)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  }

  /** Undefined where it does not compile or has no room. */
  async #open(variants: Variants): Promise<Trial | undefined> {
    this.#tried.add(this.#name(variants));
    try {
      return await Trial.open(this.#gpu, this.#objective, this.#method, {
        ...this.#shape,
        chosen: { tuning: 'auto', variants, warnings: [] },
      });
    } catch (error) {
      // A mistake in the user's own text is no fault of the variant.
      const users = error instanceof ShaderError && error.line > 0 && error.file === this.#objective.text.user?.file;
      if (users || error instanceof DeviceLostError) throw error;
      this.#drop(variants, `failed: ${(error as Error).message.split('\n')[0]}`);
      return undefined;
    }
  }

  #drop(variants: Variants, why: string): void {
    this.#warnings.push(`tuning: a kernel variant was dropped (${this.#name(variants)}): it ${why}`);
  }

  /** The faster of the two; the other is disposed of. */
  async #contest(champion: Trial, variants: Variants): Promise<Trial> {
    if (this.#spent > BUDGET_MILLISECONDS || this.#tried.has(this.#name(variants)) || !(await this.#admissible(variants))) return champion;
    const challenger = await this.#open(variants);
    if (!challenger) return champion;
    let loser = challenger;
    try {
      challenger.adopt(champion);
      const wrong = disagreement(await challenger.answer(), this.#answer!);
      if (wrong) {
        this.#drop(variants, `disagrees with the plainest kernels: ${wrong}`);
        return champion;
      }
      if (await this.#faster(challenger, champion)) loser = champion;
      return loser === challenger ? champion : challenger;
    } catch (error) {
      loser = challenger;
      throw error;
    } finally {
      loser.dispose();
    }
  }

  async #faster(challenger: Trial, champion: Trial): Promise<boolean> {
    const before = performance.now();
    const rough = await champion.time(1);
    const iterations = Math.round(Math.min(Math.max(BATCH_MILLISECONDS / rough, 1), MOST_ITERATIONS));
    let [best, other] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < ROUNDS; round++) {
      best = Math.min(best, await champion.time(iterations));
      other = Math.min(other, await challenger.time(iterations));
      if (this.#spent + performance.now() - before > BUDGET_MILLISECONDS) break;
    }
    this.#spent += performance.now() - before;
    return other < WORTH * best;
  }
}
