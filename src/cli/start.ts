/** What `npm start` runs: the main job on two problems, checked against their known answers. */
import type { Mode } from '../index.ts';
import { himmelblau } from '../problems/himmelblau.ts';
import { styblinskiTang } from '../problems/styblinski-tang.ts';
import { checkAdapterChoice } from './adapter.ts';
import { exitCode } from './exit.ts';
import { modesText, summary } from './report.ts';
import { search } from './run.ts';
import { problemTarget } from './target.ts';

/** A mode this near to a known minimum is that minimum. */
const NEAR = 1e-4;

export async function startCommand(flags: { quiet?: boolean }): Promise<number> {
  checkAdapterChoice();
  const verdicts: string[] = [];
  let complete = true;
  for (const problem of [himmelblau.at(), styblinskiTang.at(4)]) {
    process.stdout.write(`${problem.title}; here ${problem.dimension} dimensions, each from ${problem.box[0]!.join(' to ')}\n\n`);
    const target = problemTarget(problem);
    const result = await search('minimize', target, flags);
    process.stdout.write(`${modesText(result, target.box)}\n${summary(result)}\n`);
    if (result.status === 'aborted') return exitCode.interrupted;
    const { found, others } = compare(result.modes, problem.known!.modes);
    const all = problem.known!.modes.length;
    complete &&= found === all && others === 0;
    verdicts.push(`${problem.name}: ${found} of ${all} minima${others > 0 ? `, and ${others} that are none` : ''}`);
  }
  process.stdout.write(verdicts.map((verdict) => `${verdict}\n`).join(''));
  return complete ? exitCode.success : exitCode.failure;
}

/** How many of the known points were found, and how many modes are none of them. */
function compare(modes: readonly Mode[], known: readonly (readonly number[])[]): { found: number; others: number } {
  const near = (mode: Mode, point: readonly number[]) => Math.hypot(...mode.x.map((value, i) => value - point[i]!)) < NEAR;
  return {
    found: known.filter((point) => modes.some((mode) => near(mode, point))).length,
    others: modes.filter((mode) => !known.some((point) => near(mode, point))).length,
  };
}
