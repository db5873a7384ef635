// npm run bench:gmmvi [-- --target NAME[,NAME]] [--code CODE] [--seeds N] [--evaluations E] [--seconds S] [--json FILE]
// The paper's targets by its own settings, beside the numbers of its reference codes. With --json a file of rows is kept up to date run
// by run; runs that are in it already are not made again, and its table is printed in the end.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { problemTarget } from '../src/cli/target.ts';
import { gmmvi, type SampleResult, sample } from '../src/index.ts';
import { badUsage, countArgument, readArguments } from './arguments.ts';
import { type GmmviRun, gmmviRuns, makeTarget } from './gmmvi-settings.ts';
import { adapterName, machineLine, withDevice } from './machine.ts';
import { markdownTable, short, whole } from './markdown.ts';
import { mean, median, standardError } from './statistics.ts';

interface Row {
  target: string;
  code: string;
  seed: number;
  adapter: string;
  /** By 100,000 draws from the fit. */
  negativeElbo: number;
  elboError: number;
  evaluations: number;
  iterations: number;
  components: number;
  seconds: number;
  failedSteps: number;
  /** Evaluations at which each threshold of -ELBO was first passed, by the ELBO that an iteration's own samples give. */
  thresholds: (number | null)[];
  /**
   * Where the truth is known: modes near which a mean of the mixture lies, the largest error of their weights, how far at most these are from
   * the self-normalised importance mass nearest to each, and how far at most that is from the truth.
   */
  modes?: { found: number; of: number; weightError: number; massError?: number; importanceError?: number };
}

const DRAWS = 100_000;
const wanted = readArguments(['target', 'code', 'seeds', 'evaluations', 'seconds', 'json']);
const targets = wanted.target?.split(',');
const unknown = [...(targets ?? [])].find((name) => !gmmviRuns.some(({ target }) => target === name));
if (unknown) badUsage(`--target: no target "${unknown}"; they are ${[...new Set(gmmviRuns.map(({ target }) => target))].join(', ')}`);
const chosen = gmmviRuns.filter(({ target, code }) => (!targets || targets.includes(target)) && (!wanted.code || wanted.code === code));
if (chosen.length === 0) badUsage(`--code: no run of ${wanted.code}; they are SAMTRON, ZAMTRUX (VIPS) and SEPYFUX`);
const evaluations = wanted.evaluations === undefined ? undefined : countArgument('evaluations', wanted.evaluations, 1);
const seconds = wanted.seconds === undefined ? undefined : countArgument('seconds', wanted.seconds, 1);
const rows: Row[] = wanted.json && existsSync(wanted.json) ? (JSON.parse(readFileSync(wanted.json, 'utf8')) as Row[]) : [];

/** Of the target's means, those near a mean of the fit with weight, and how far the fit's weight for them is from the truth. */
function modesOf(result: SampleResult, truth: { means: readonly (readonly number[])[]; weights: readonly number[] }): Row['modes'] {
  const { means, weights } = result.mixture;
  const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]!));
  const dim = truth.means[0]!.length;
  const mass = truth.means.map(() => 0);
  const near = truth.means.map((mode) => means.some((mean) => distance(mean, mode) < 6 * Math.sqrt(dim)));
  means.forEach((mean, k) => {
    const nearest = truth.means.map((mode) => distance(mean, mode));
    mass[nearest.indexOf(Math.min(...nearest))]! += weights[k]!;
  });
  const importance = truth.means.map(() => 0);
  result.weightedDraws.points.forEach((x, n) => {
    const nearest = truth.means.map((mode) => distance(x, mode));
    importance[nearest.indexOf(Math.min(...nearest))]! += Math.exp(result.weightedDraws.logWeights[n]!);
  });
  // A fit that misses modes shares their weight among the others.
  const total = truth.weights.reduce((sum, weight, j) => sum + (near[j] ? weight : 0), 0);
  const shares = truth.weights.map((weight) => weight / total);
  const furthest = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, j) => (near[j] ? Math.abs(x - b[j]!) : 0)));
  return {
    found: near.filter(Boolean).length,
    of: near.length,
    weightError: furthest(mass, shares),
    massError: furthest(mass, importance),
    importanceError: furthest(importance, shares),
  };
}

async function run(settings: GmmviRun, seed: number): Promise<Row> {
  const { problem, start } = makeTarget(settings.target, seed, settings.options.components ?? 1);
  return withDevice(async ({ device, adapter }) => {
    const thresholds: (number | null)[] = settings.thresholds.map(() => null);
    const scale = problem.box.reduce((sum, [lower, upper]) => sum + Math.log((upper - lower) / 2), 0);
    let before = { iteration: 0, evaluations: 0 };
    const result = await sample({
      ...problemTarget(problem),
      boundary: 'none',
      device,
      seed,
      start,
      method: gmmvi(settings.code, settings.options),
      draws: DRAWS,
      // A quarter at most goes to the draws that assess the fit, and a twentieth of the rest to polishing modes.
      evaluations: Math.ceil(Math.max((evaluations ?? settings.evaluations) / 0.95 + DRAWS, 4 * DRAWS)),
      ...(seconds === undefined ? {} : { seconds }),
      iterations: 10_000_000,
      onProgress: ({ iteration, evaluations: now, rows: trace }) => {
        for (const row of trace) {
          // Evaluations within a submit lie on a line between those at its ends.
          const share = (row.iteration - before.iteration) / Math.max(iteration - before.iteration, 1);
          const at = before.evaluations + share * (now - before.evaluations);
          settings.thresholds.forEach(([threshold], i) => {
            if (thresholds[i] === null && -(row.value + scale) <= threshold) thresholds[i] = Math.round(at);
          });
        }
        before = { iteration, evaluations: now };
      },
    });
    const { truth } = problem as { truth?: { means: readonly (readonly number[])[]; weights: readonly number[] } };
    const modes = truth ? modesOf(result, truth) : undefined;
    return {
      target: settings.target,
      code: settings.code,
      seed,
      adapter: adapterName(adapter),
      negativeElbo: -result.elbo,
      elboError: result.elboStandardError,
      evaluations: before.evaluations,
      iterations: result.iterations,
      components: result.mixture.weights.length,
      seconds: result.seconds.run,
      failedSteps: result.failedSteps,
      thresholds,
      ...(modes ? { modes } : {}),
    };
  });
}

console.log(`${machineLine(await withDevice(async ({ adapter }) => adapter))}\n`);
for (const settings of chosen) {
  const seeds = countArgument('seeds', wanted.seeds, settings.seeds);
  for (let seed = 0; seed < seeds; seed++) {
    const known = rows.find((row) => row.target === settings.target && row.code === settings.code && row.seed === seed);
    if (known) continue;
    const row = await run(settings, seed);
    rows.push(row);
    if (wanted.json) writeFileSync(wanted.json, `${JSON.stringify(rows, undefined, 1)}\n`);
    const { negativeElbo, elboError, components, iterations, seconds: took } = row;
    process.stderr.write(
      `${settings.target} ${settings.code} seed ${seed}: -ELBO ${negativeElbo.toFixed(4)} ± ${elboError.toFixed(4)}, K ${components}, ${whole(row.evaluations)} evaluations, ${iterations} iterations, ${took.toFixed(0)} s${row.modes ? `, modes ${row.modes.found} of ${row.modes.of}, weights within ${row.modes.weightError.toFixed(3)} of the truth, ${row.modes.massError?.toFixed(3)} of the importance mass, which is within ${row.modes.importanceError?.toFixed(3)} of the truth` : ''}\n`,
    );
  }
}

const compact = (x: number): string => (x >= 1e6 ? `${short(x / 1e6)}M` : `${short(x / 1e3)}k`);
const table = chosen.flatMap((settings) => {
  const own = rows.filter(({ target, code }) => target === settings.target && code === settings.code);
  if (own.length === 0) return [];
  const values = own.map(({ negativeElbo }) => negativeElbo);
  const centre = mean(values);
  const error = own.length > 1 ? standardError(values) : own[0]!.elboError;
  const passed = settings.thresholds.map(([threshold, theirs], i) => {
    const ours = own.map(({ thresholds }) => thresholds[i] ?? Number.POSITIVE_INFINITY);
    return `${threshold}: ${Number.isFinite(median(ours)) ? compact(median(ours)) : '-'} (${compact(theirs)})`;
  });
  const modes = own.flatMap((row) => (row.modes ? [row.modes] : []));
  return [
    [
      settings.target,
      settings.code,
      String(own.length),
      `${centre.toFixed(3)} ± ${error.toFixed(3)}`,
      centre <= settings.bar ? `<= ${settings.bar}` : `above ${settings.bar}`,
      centre + 3 * error >= settings.floor ? `>= ${settings.floor}` : `BELOW ${settings.floor}`,
      settings.reference,
      compact(mean(own.map((row) => row.evaluations))),
      short(mean(own.map((row) => (1000 * row.seconds) / row.iterations))),
      whole(mean(own.map(({ components }) => components))),
      modes.length > 0
        ? `${short(mean(modes.map(({ found }) => found)))} of ${modes[0]!.of}, ${Math.max(...modes.map(({ weightError }) => weightError)).toFixed(3)}`
        : '-',
      passed.join(', '),
    ],
  ];
});
console.log(
  markdownTable(
    [
      'target',
      'code',
      'seeds',
      '-ELBO',
      'bar',
      'floor',
      'reference',
      'evaluations',
      'ms/iteration',
      'K',
      'modes, weight error',
      'threshold: evaluations (reference)',
    ],
    table,
  ),
);
