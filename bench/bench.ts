// npm run bench [-- --shape d,K,n] [--method score|stein|ranked] [--json FILE]
// Time of an iteration by shape and method: a Markdown table on standard output, and rows as JSON (default bench/results.json).
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NvaEstimator } from '../src/method/nva.ts';
import { badUsage, readArguments } from './arguments.ts';
import { type IterationRow, methods, type Shape, shapes } from './iteration-rows.ts';
import { machineLine, withDevice } from './machine.ts';
import { markdownTable, short } from './markdown.ts';
import { measureIteration } from './measure-iteration.ts';

function readShape(text: string): Shape {
  const [d, k, n, ...rest] = text.split(',').map(Number);
  const numbers = [d, k, n] as number[];
  if (rest.length > 0 || !numbers.every((x) => Number.isInteger(x) && x >= 1)) {
    badUsage(`--shape is "${text}"; it must be d,K,n: dimensions, components, samples over all components, as in 2,4,16384`);
  }
  if (n! % k! !== 0) badUsage(`--shape ${text}: n must be a multiple of K, since every component draws the same number of samples`);
  return { d: d!, k: k!, n: n! };
}

function readMethod(text: string): NvaEstimator {
  return methods.find((method) => method === text) ?? badUsage(`--method is "${text}"; it must be one of ${methods.join(', ')}`);
}

const stagesOf = ({ stages }: IterationRow): string =>
  stages
    ? Object.entries(stages)
        .map(([name, milliseconds]) => `${name} ${short(milliseconds)}`)
        .join(', ')
    : 'no timestamps';

const wanted = readArguments(['shape', 'method', 'json']);
const chosenShapes = wanted.shape ? [readShape(wanted.shape)] : shapes;
const chosenMethods = wanted.method ? [readMethod(wanted.method)] : methods;

console.log(`${machineLine(await withDevice(async ({ adapter }) => adapter))}\n`);

const rows: IterationRow[] = [];
for (const shape of chosenShapes) {
  for (const method of chosenMethods) rows.push(await measureIteration(shape, method));
}

const header = [
  'd',
  'K',
  'n',
  'method',
  'ms / iteration',
  'range',
  'M particle-iterations / s',
  'compile ms',
  'first ms',
  'GPU MiB',
  'ms by stage',
];
const cells = rows.map((row) => [
  String(row.d),
  String(row.k),
  String(row.n),
  row.method,
  short(row.msPerIteration),
  row.msRange.map(short).join(' to '),
  short(row.particleIterationsPerSecond / 1e6),
  short(row.compileMs),
  short(row.firstIterationMs),
  short(row.gpuBytes / 2 ** 20),
  stagesOf(row),
]);
console.log(markdownTable(header, cells));

const file = wanted.json ?? fileURLToPath(new URL('results.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
console.log(`\nRows written to ${file}`);
