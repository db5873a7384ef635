// npm run bench:modes [-- --seeds N] [--json FILE]
// All modes of Himmelblau's function and of the 4-dimensional Styblinski-Tang function by the defaults, beside multi-start L-BFGS.
import { writeFileSync } from 'node:fs';
import type { Gpu } from '../src/gpu/device.ts';
import { minimize } from '../src/index.ts';
import { himmelblau } from '../src/problems/himmelblau.ts';
import type { Problem } from '../src/problems/problem.ts';
import { styblinskiTang } from '../src/problems/styblinski-tang.ts';
import { countArgument, readArguments } from './arguments.ts';
import { multiStart } from './baseline.ts';
import { machineLine, withDevice } from './machine.ts';
import { markdownTable, short, whole } from './markdown.ts';
import { nearestMode } from './nearest-mode.ts';
import { meanAndError } from './statistics.ts';

const BASELINE_LIMIT = 1_000_000;

interface ModesRow {
  problem: string;
  method: string;
  seeds: number;
  /** Seeds with all modes. */
  complete: number;
  /** Points reported that are no mode, and modes reported twice, over all seeds. */
  wrong: number;
  /** Until the last known mode was first found; only for seeds that found all. */
  evaluationsToAll: number[];
  /** Until it stopped, by its own rule; the baseline has none. */
  evaluations: number[] | undefined;
  seconds: number[];
}

const wanted = readArguments(['seeds', 'json']);
const seeds = countArgument('seeds', wanted.seeds, 20);
async function search({ device }: Gpu, problem: Problem): Promise<ModesRow> {
  const { wgsl, box, known } = problem;
  const row: ModesRow = {
    problem: `${problem.name} ${problem.dimension}-D`,
    method: 'modescape, defaults',
    seeds,
    complete: 0,
    wrong: 0,
    evaluationsToAll: [],
    evaluations: [],
    seconds: [],
  };
  await minimize({ wgsl, box, seed: seeds, device }); // compiles, for all seeds
  for (let seed = 0; seed < seeds; seed++) {
    const result = await minimize({ wgsl, box, seed, device });
    const at = result.modes.map(({ x }) => nearestMode(x, known!.modes));
    const found = new Set(at.filter((mode) => mode !== undefined));
    row.wrong += at.length - found.size;
    if (found.size === known!.modes.length) {
      row.complete++;
      row.evaluationsToAll.push(Math.max(...result.modes.map(({ foundAt }) => foundAt)));
    }
    row.evaluations!.push(result.evaluations);
    row.seconds.push(result.seconds.total);
  }
  return row;
}

function baseline(problem: Problem): ModesRow {
  multiStart(problem, seeds, BASELINE_LIMIT); // warms the JIT
  const runs = Array.from({ length: seeds }, (_, seed) => multiStart(problem, seed, BASELINE_LIMIT));
  const complete = runs.filter(({ found }) => found === problem.known!.modes.length);
  return {
    problem: `${problem.name} ${problem.dimension}-D`,
    method: 'multi-start L-BFGS, told when to stop',
    seeds,
    complete: complete.length,
    wrong: runs.reduce((sum, { strays }) => sum + strays, 0),
    evaluationsToAll: complete.map(({ evaluations }) => evaluations),
    evaluations: undefined,
    seconds: runs.map((run) => run.seconds),
  };
}

const rows: ModesRow[] = [];
await withDevice(async (gpu) => {
  console.log(`${machineLine(gpu.adapter)} Seeds: ${seeds}.\n`);
  for (const problem of [himmelblau.at(), styblinskiTang.at(4)]) {
    rows.push(await search(gpu, problem));
    rows.push(baseline(problem));
  }
});

const header = [
  'problem',
  'method',
  'seeds with all modes',
  'not a mode',
  'evaluations to the last mode',
  'evaluations until it stopped',
  'seconds',
];
const cells = rows.map((row) => [
  row.problem,
  row.method,
  `${row.complete} of ${row.seeds}`,
  String(row.wrong),
  row.evaluationsToAll.length > 0 ? meanAndError(row.evaluationsToAll, whole) : '-',
  row.evaluations ? meanAndError(row.evaluations, whole) : '-',
  meanAndError(row.seconds, short),
]);
console.log(markdownTable(header, cells));

if (wanted.json) writeFileSync(wanted.json, `${JSON.stringify(rows, null, 2)}\n`);
