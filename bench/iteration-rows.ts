/** The rows that `npm run bench` measures: their form as JSON, their tables, and the ratios of two runs. */
import { readFileSync } from 'node:fs';
import type { MethodName, Shape } from './iteration-shapes.ts';
import { markdownTable, short } from './markdown.ts';

export interface IterationRow extends Shape {
  host: 'node' | 'chromium';
  adapter: string;
  /** The adapter is a CPU: the numbers say nothing about a GPU. */
  software: boolean;
  method: MethodName;
  /** Median over the rounds. */
  msPerIteration: number;
  /** Fastest and slowest round. */
  msRange: readonly [number, number];
  particleIterationsPerSecond: number;
  /** Plain TypeScript on one thread, own samples and score estimator, in the same rounds: median and range. */
  baselineMs: number;
  baselineRange: readonly [number, number];
  rounds: number;
  iterationsPerSubmit: number;
  compileMs: number;
  /** The first submit of one iteration, with whatever the driver compiles only older. */
  firstIterationMs: number;
  gpuBytes: number;
  /** Share of each kernel, by timestamps; null where the adapter has none. */
  stages: Record<string, number> | null;
  /** By the flops that iteration-bytes.ts counts. */
  gflops: number;
  /** Counted, not measured. */
  bytesPerParticle: { read: number; written: number };
}

const keys = ({ host, method, d, k, n }: IterationRow): string => [host, method, d, k, n].join(' ');

/** What was measured, one line a row. */
export function timeTable(rows: readonly IterationRow[]): string {
  const header = [
    'host',
    'method',
    'd',
    'K',
    'n',
    'ms / iteration',
    'range',
    'M particle-iterations / s',
    'GFLOP/s',
    'plain TypeScript ms',
    'range of it',
    'times plain',
    'rounds',
  ];
  const cells = rows.map((row) => [
    row.host,
    row.method,
    ...[row.d, row.k, row.n].map(String),
    short(row.msPerIteration),
    row.msRange.map(short).join(' to '),
    short(row.particleIterationsPerSecond / 1e6),
    short(row.gflops),
    short(row.baselineMs),
    row.baselineRange.map(short).join(' to '),
    short(row.baselineMs / row.msPerIteration),
    String(row.rounds),
  ]);
  return markdownTable(header, cells);
}

/** What it took to get there: compiling, memory, and where the time goes. */
export function costTable(rows: readonly IterationRow[]): string {
  const header = [
    'host',
    'method',
    'd',
    'K',
    'n',
    'compile ms',
    'first ms',
    'GPU MiB',
    'bytes read / particle',
    'written',
    'share by kernel',
  ];
  const cells = rows.map((row) => [
    row.host,
    row.method,
    ...[row.d, row.k, row.n].map(String),
    short(row.compileMs),
    short(row.firstIterationMs),
    short(row.gpuBytes / 2 ** 20),
    short(row.bytesPerParticle.read),
    short(row.bytesPerParticle.written),
    sharesOf(row),
  ]);
  return markdownTable(header, cells);
}

function sharesOf({ stages }: IterationRow): string {
  if (!stages) return 'no timestamps';
  const sorted = Object.entries(stages).sort(([, a], [, b]) => b - a);
  return sorted.map(([name, share]) => `${name} ${Math.round(100 * share)} %`).join(', ');
}

/** Old over new, row by row: above 1 the new one is faster. Rows without a counterpart are left out and counted. */
export function comparison(before: readonly IterationRow[], after: readonly IterationRow[]): string {
  const old = new Map(before.map((row) => [keys(row), row]));
  const paired = after.flatMap((row) => (old.has(keys(row)) ? [{ row, older: old.get(keys(row))! }] : []));
  const header = ['host', 'method', 'd', 'K', 'n', 'ms before', 'ms now', 'before / now', 'the same by the baselines', 'adapter'];
  const cells = paired.map(({ row, older }) => [
    row.host,
    row.method,
    ...[row.d, row.k, row.n].map(String),
    short(older.msPerIteration),
    short(row.msPerIteration),
    short(older.msPerIteration / row.msPerIteration),
    // Each run against its own baseline, which takes out how busy the machine was.
    short(older.msPerIteration / older.baselineMs / (row.msPerIteration / row.baselineMs)),
    row.adapter === older.adapter ? 'the same' : `another: ${older.adapter}`,
  ]);
  const alone = after.length - paired.length;
  const note = alone > 0 ? `\n\n${alone} of ${after.length} rows are not in the older file.` : '';
  return cells.length > 0 ? markdownTable(header, cells) + note : 'No row of the older file has the same host, method and shape.';
}

/** Rows of a JSON file. @throws Error that says what is wrong with the file. */
export function readRows(file: string): IterationRow[] {
  let rows: unknown;
  try {
    rows = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(rows)) throw new Error(`${file} holds no array of rows`);
  for (const [i, row] of rows.entries()) {
    for (const name of ['msPerIteration', 'baselineMs', 'd', 'k', 'n'] as const) {
      if (typeof row?.[name] !== 'number') throw new Error(`${file}: row ${i} has no number ${name}`);
    }
  }
  return rows;
}
