// npm run bench:inversion [-- --problems NAME[,NAME]] [--methods NAME[,NAME]] [--seeds N] [--runs E] [--json FILE]
// Methods of inversion at equal numbers of model runs: the error of the fit where the posterior is known on a grid, else the best misfit;
// and model runs per second.
import { writeFileSync } from 'node:fs';
import { problemInversion } from '../src/cli/invert.ts';
import { dfGmvi, eki, eks, gmbbvi, gmki, type InversionMethodSpec, invert, type MethodSpec, uki } from '../src/index.ts';
import type { InversionProblem } from '../src/problems/inversion.ts';
import { findInversion, inversions } from '../src/problems/inversions.ts';
import { unknownName } from '../src/run/options.ts';
import { badUsage, countArgument, readArguments } from './arguments.ts';
import { gridDistance, mixtureDensity, posteriorDensity } from './grid-density.ts';
import { machineLine, withDevice } from './machine.ts';
import { markdownTable, short, whole } from './markdown.ts';
import { mean, standardError } from './statistics.ts';

const wanted = readArguments(['problems', 'methods', 'seeds', 'runs', 'json']);
const seeds = countArgument('seeds', wanted.seeds, 5);
const usual = [
  'quadratic-0.5',
  'bimodal-centred',
  ...Object.keys(inversions).filter((name) => name.startsWith('plane-') && !name.endsWith('100d')),
];
const names = wanted.problems?.split(',') ?? [...usual, 'navier-stokes-small'];

interface Row {
  problem: string;
  method: string;
  components: number;
  iterations: number;
  modelRuns: number;
  runsPerSecond: number;
  /** One a seed: the L1 error, or the misfit of the best mode. */
  errors: number[];
  measure: 'L1' | 'misfit';
}

/** Each method with the size it is used at, and the model runs of one of its iterations. */
const methods: readonly {
  name: string;
  components: number;
  perIteration: (dim: number) => number;
  make: (dim: number, iterations: number) => InversionMethodSpec | MethodSpec;
}[] = [
  { name: 'gmki', components: 10, perIteration: (dim) => 10 * (2 * dim + 1), make: () => gmki() },
  { name: 'df-gmvi', components: 10, perIteration: (dim) => 10 * (2 * dim + 1), make: () => dfGmvi() },
  { name: 'df-gmvi', components: 40, perIteration: (dim) => 40 * (2 * dim + 1), make: () => dfGmvi() },
  {
    name: 'gmbbvi',
    components: 40,
    perIteration: (dim) => 40 * 4 * dim,
    make: (dim) => gmbbvi({ anneal: 0, samples: Math.max(4 * dim, 8) }),
  },
  { name: 'uki', components: 1, perIteration: (dim) => 2 * dim + 1, make: () => uki() },
  { name: 'eki', components: 1, perIteration: () => 100, make: (_, iterations) => eki({ particles: 100, iterations }) },
  { name: 'eks', components: 1, perIteration: () => 100, make: (_, iterations) => eks({ particles: 100, iterations }) },
];

for (const name of names)
  if (!Object.hasOwn(inversions, name)) badUsage(`--problems: ${unknownName('inverse problem', name, Object.keys(inversions)).message}`);

const chosen = wanted.methods?.split(',');
const unknown = chosen?.find((name) => !methods.some((method) => method.name === name));
if (unknown) badUsage(`--methods: ${unknownName('method', unknown, [...new Set(methods.map(({ name }) => name))]).message}`);

const rows: Row[] = [];
await withDevice(async ({ device, adapter }) => {
  console.log(`${machineLine(adapter)}\n`);
  for (const name of names) {
    const problem = findInversion(name)! as InversionProblem & { window?: readonly (readonly [number, number])[] };
    const { dimension: dim } = problem;
    const budget = countArgument('runs', wanted.runs, dim <= 2 ? 20_000 : 10_000);
    const grid = problem.window && gridOf(problem.window);
    // Of the versions with more parameters the marginal of the first two, which is that of the plane.
    const exact = grid && posteriorDensity(dim > 2 ? findInversion(name.replace('-100d', ''))! : problem, grid);
    for (const { name: method, components, perIteration, make } of methods.filter((one) => !chosen || chosen.includes(one.name))) {
      const iterations = Math.max(1, Math.floor(budget / perIteration(dim)));
      const errors: number[] = [];
      const speeds: number[] = [];
      let modelRuns = 0;
      for (let seed = 0; seed < seeds; seed++) {
        const spec = make(dim, iterations);
        const several = method !== 'uki' && method !== 'eki' && method !== 'eks';
        const result = await invert({
          ...problemInversion(problem),
          device,
          method: spec,
          iterations,
          seed,
          ...(several ? { components } : {}),
        });
        modelRuns = result.modelRuns;
        speeds.push(result.modelRuns / result.seconds.run);
        errors.push(
          exact ? gridDistance(exact, mixtureDensity(result.mixture, grid)) : Math.min(...result.modes.map(({ misfit }) => misfit)),
        );
        process.stderr.write(`${name} ${method} K ${components} seed ${seed}: ${short(errors[seed]!)}\n`);
      }
      rows.push({
        problem: name,
        method,
        components,
        iterations,
        modelRuns,
        runsPerSecond: mean(speeds),
        errors,
        measure: exact ? 'L1' : 'misfit',
      });
      if (wanted.json) writeFileSync(wanted.json, `${JSON.stringify(rows, undefined, 1)}\n`);
    }
  }
});

/** Cell centres of 100 a side, or 1000 of a line. */
function gridOf(window: readonly (readonly [number, number])[]): number[][] {
  const cells = window.length === 1 ? 1000 : 100;
  const axes = window.map(([lower, upper]) => Array.from({ length: cells }, (_, i) => lower + ((upper - lower) * (i + 0.5)) / cells));
  return window.length === 1 ? axes[0]!.map((x) => [x]) : axes[0]!.flatMap((x) => axes[1]!.map((y) => [x, y]));
}

console.log(
  markdownTable(
    ['problem', 'method', 'K', 'iterations', 'model runs', 'model runs / s', 'error', 'of'],
    rows.map((row) => [
      row.problem,
      row.method,
      String(row.components),
      whole(row.iterations),
      whole(row.modelRuns),
      whole(row.runsPerSecond),
      `${short(mean(row.errors))} ± ${short(row.errors.length > 1 ? standardError(row.errors) : 0)}`,
      row.measure,
    ]),
  ),
);
