// npm run bench:niching [-- --seeds N] [--problems f1,f2] [--json FILE]
// CEC2013 F1-F10 by the default search, value only, within the official evaluation limits, scored the official way.
import { writeFileSync } from 'node:fs';
import type { Gpu } from '../src/gpu/device.ts';
import { maximize } from '../src/index.ts';
import { findProblem } from '../src/problems/index.ts';
import { badUsage, countArgument, readArguments } from './arguments.ts';
import { accuracies, peakRatio } from './cec2013-score.ts';
import { machineLine, withDevice } from './machine.ts';
import { markdownTable, short, whole } from './markdown.ts';
import { mean, meanAndError } from './statistics.ts';

interface NichingRow {
  problem: string;
  seeds: number;
  /** Mean peak ratio and share of seeds with all optima, at each accuracy. */
  peakRatio: Record<string, number>;
  successRate: Record<string, number>;
  evaluations: number[];
  maxEvaluations: number;
  seconds: number[];
}

const levels = accuracies.map((accuracy) => accuracy.toExponential(0));
const wanted = readArguments(['seeds', 'problems', 'json']);
const seeds = countArgument('seeds', wanted.seeds, 10);
const names = (wanted.problems ?? 'f1,f2,f3,f4,f5,f6,f7,f8,f9,f10').split(',').map((name) => name.trim().toLowerCase());
for (const name of names) if (!findProblem(`cec2013-${name}`)) badUsage(`--problems: no problem "${name}"; they are f1 to f10`);

async function run({ device }: Gpu, name: string): Promise<NichingRow> {
  const { wgsl, data, box, value, known } = findProblem(`cec2013-${name}`)!.at();
  const { maxEvaluations, ...niching } = known!.niching!;
  const scores: number[][] = [];
  const evaluations: number[] = [];
  const seconds: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    let exactCalls = 0;
    const exact = {
      value: (x: Float64Array) => {
        exactCalls++;
        return value(x);
      },
    };
    const options = { wgsl, box, exact, evaluations: maxEvaluations, seed, device, ...(data ? { data } : {}) };
    const result = await maximize(options);
    if (result.evaluations > maxEvaluations) {
      throw new Error(`${name}, seed ${seed}: ${result.evaluations} evaluations pass the limit of ${maxEvaluations}`);
    }
    if (exactCalls > result.evaluations) {
      throw new Error(`${name}, seed ${seed}: ${exactCalls} float64 evaluations, but ${result.evaluations} reported`);
    }
    const solutions = result.modes.map(({ x }) => x);
    scores.push(accuracies.map((accuracy) => peakRatio(solutions, { value, ...niching }, accuracy)));
    evaluations.push(result.evaluations);
    seconds.push(result.seconds.total);
  }
  const perLevel = (summary: (ratios: number[]) => number) =>
    Object.fromEntries(levels.map((level, i) => [level, summary(scores.map((score) => score[i]!))]));
  return {
    problem: name,
    seeds,
    peakRatio: perLevel(mean),
    successRate: perLevel((ratios) => ratios.filter((ratio) => ratio === 1).length / ratios.length),
    evaluations,
    maxEvaluations,
    seconds,
  };
}

const rows: NichingRow[] = [];
await withDevice(async (gpu) => {
  console.log(`${machineLine(gpu.adapter)} Seeds: ${seeds}.\n`);
  for (const name of names) {
    if (process.stderr.isTTY) process.stderr.write(`\r${name} ...  `);
    rows.push(await run(gpu, name));
  }
  if (process.stderr.isTTY) process.stderr.write('\r');
});

const ratio = (x: number) => x.toFixed(3);
const overall = (level: string) => ratio(mean(rows.map((row) => row.peakRatio[level]!)));
const header = ['function', 'PR 1e-4', 'PR 1e-5', 'SR 1e-4', 'evaluations', 'limit', 'seconds'];
const cells = rows.map((row) => [
  row.problem.toUpperCase(),
  ratio(row.peakRatio['1e-4']!),
  ratio(row.peakRatio['1e-5']!),
  row.successRate['1e-4']!.toFixed(2),
  meanAndError(row.evaluations, whole),
  whole(row.maxEvaluations),
  meanAndError(row.seconds, short),
]);
const successes = mean(rows.map((row) => row.successRate['1e-4']!)).toFixed(2);
cells.push(['mean', overall('1e-4'), overall('1e-5'), successes, whole(mean(rows.flatMap((row) => row.evaluations))), '-', '-']);
console.log(markdownTable(header, cells));
const everyLevel = mean(rows.flatMap((row) => Object.values(row.peakRatio)));
console.log(`\nMean peak ratio over the five levels (${levels.join(', ')}): ${everyLevel.toFixed(4)}. No run passed its limit.`);

if (wanted.json) writeFileSync(wanted.json, `${JSON.stringify(rows, null, 2)}\n`);
