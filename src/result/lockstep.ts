/**
 * Lockstep: runs searches that pause for function values side by side, and answers the questions of all of them with one evaluator
 * call per round, because a call may cost a trip to the GPU. It knows nothing of what they search for.
 */
import type { Evaluator } from '../objective/evaluator.ts';

/** What a search asks for: points in user coordinates, row by row, with or without gradients. */
export interface Question {
  readonly points: Float64Array;
  readonly gradient: boolean;
}

export interface Answer {
  readonly values: Float64Array;
  readonly gradients?: Float64Array;
}

/** A search that pauses for answers. */
export type Asking<T> = Generator<Question, T, Answer>;

/** Something that asks until it is done; `value` ranks it when evaluations run short. */
export interface Asker {
  readonly value: number;
  ask(): Asking<void>;
}

export type Stop = 'done' | 'round limit' | 'evaluation limit' | 'aborted';

/** Runs searches side by side, one evaluator call (at most one of each kind) per round. Says how each ended. */
export async function inLockstep(
  evaluator: Evaluator,
  askers: readonly Asker[],
  limits: { readonly maxRounds?: number; readonly maxEvaluations?: number; readonly signal?: AbortSignal },
): Promise<Stop[]> {
  const { maxRounds = Infinity, maxEvaluations = Infinity, signal } = limits;
  const stops: Stop[] = askers.map(() => 'done');
  let open = askers.map((asker, index) => {
    const asking = asker.ask();
    return { index, asker, asking, turn: asking.next() };
  });
  let left = maxEvaluations;
  for (let round = 0; ; round++) {
    open = open.filter(({ turn }) => !turn.done);
    if (open.length === 0) return stops;
    const stop = signal?.aborted ? 'aborted' : round >= maxRounds ? 'round limit' : undefined;
    if (stop) {
      for (const { index } of open) stops[index] = stop;
      return stops;
    }
    const questions = new Map(open.map(({ index, turn }) => [index, turn.value as Question]));
    const cost = (index: number) => questions.get(index)!.points.length / evaluator.dim;
    let wanted = open.reduce((sum, { index }) => sum + cost(index), 0);
    if (wanted > left) {
      for (const { index } of [...open].sort((a, b) => a.asker.value - b.asker.value || b.index - a.index)) {
        if (wanted <= left) break;
        wanted -= cost(index);
        stops[index] = 'evaluation limit';
      }
      open = open.filter(({ index }) => stops[index] === 'done');
      if (open.length === 0) return stops;
    }
    left -= wanted;
    const answers = new Map<number, Answer>();
    for (const gradient of [false, true]) {
      const group = open.map(({ index }) => index).filter((index) => questions.get(index)!.gradient === gradient);
      if (group.length > 0) await answer(evaluator, group, questions, gradient, answers);
    }
    for (const each of open) each.turn = each.asking.next(answers.get(each.index)!);
  }
}

async function answer(
  evaluator: Evaluator,
  group: number[],
  questions: Map<number, Question>,
  gradient: boolean,
  into: Map<number, Answer>,
) {
  const parts = group.map((index) => questions.get(index)!.points);
  const points = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    points.set(part, at);
    at += part.length;
  }
  const reply: Answer = gradient ? await evaluator.evaluateWithGradient!(points) : { values: await evaluator.evaluate(points) };
  at = 0;
  group.forEach((index, i) => {
    const end = at + parts[i].length;
    const gradients = reply.gradients?.slice(at, end);
    const values = reply.values.slice(at / evaluator.dim, end / evaluator.dim).map((value, row) => {
      const slopes = gradients?.subarray(row * evaluator.dim, (row + 1) * evaluator.dim);
      return Number.isFinite(value) && (slopes?.every(Number.isFinite) ?? true) ? value : -Infinity;
    });
    into.set(index, { values, gradients });
    at = end;
  });
}
