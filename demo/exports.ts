/** A run as files for other tools: what the library's own exports make of it. */

import type { InversionResult } from '../src/index.ts';
import { type SearchResult, type Snapshot, type TraceRow, toArviz, toCsv, toJson, toNpy } from '../src/index.ts';
import { RandomStream } from '../src/mixture/random.ts';
import type { Settings } from './settings.ts';

export interface Exported {
  settings: Settings;
  snapshot: Snapshot;
  trace: readonly TraceRow[];
  /** Of the search for all modes, where there was one. */
  found: SearchResult | undefined;
  seconds: number;
}

export type Format = 'json' | 'csv' | 'npy' | 'arviz';

/** Draws from the mixture in npy and ArviZ files. */
const DRAWS = 2000;
/** A stream of its own, so that exporting leaves the run's numbers alone. */
const PURPOSE = 0xff;

export function fileOf(format: Format, run: Exported): { name: string; blob: Blob } {
  const name = `modescape-${run.settings.problem}`;
  const text = (content: string, type: string) => new Blob([content], { type });
  switch (format) {
    case 'json':
      return { name: `${name}.json`, blob: text(jsonOf(run), 'application/json') };
    case 'csv':
      return { name: `${name}.csv`, blob: text(csvOf(run), 'text/csv') };
    case 'npy':
      return { name: `${name}.npy`, blob: new Blob([toNpy(drawsOf(run))], { type: 'application/octet-stream' }) };
    case 'arviz':
      return { name: `${name}-arviz.json`, blob: text(JSON.stringify(arvizOf(run)), 'application/json') };
  }
}

export function save({ name, blob }: { name: string; blob: Blob }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Numbers keep all their digits: the same run gives the same text. */
function jsonOf({ settings, snapshot, trace, found }: Exported): string {
  return toJson({ version: __VERSION__, settings, ...snapshot, modes: found?.modes ?? [], trace });
}

/** The modes where they have been searched for, else the components. */
function csvOf({ snapshot, found }: Exported): string {
  if (found) return toCsv(found);
  return toCsv({ mixture: snapshot.mixture } as SearchResult, { table: 'components' });
}

function arvizOf(run: Exported) {
  const { settings, seconds } = run;
  const ensemble = drawsOf(run);
  return toArviz(
    {
      ensemble,
      version: __VERSION__,
      method: settings.method,
      seed: settings.seed,
      seconds: { total: seconds },
    } as unknown as InversionResult,
    { chains: 4 },
  );
}

/** Rows of draws from the mixture as it stands. */
function drawsOf({ settings, snapshot }: Exported): number[][] {
  const { weights, means, covariances } = snapshot.mixture;
  const random = new RandomStream(settings.seed, PURPOSE, snapshot.iteration);
  const factors = covariances.map(cholesky);
  return Array.from({ length: DRAWS }, () => {
    let left = random.uniform();
    let k = 0;
    while (k + 1 < weights.length && left >= weights[k]!) left -= weights[k++]!;
    const z = means[k]!.map(() => random.normal());
    return means[k]!.map((mean, i) => factors[k]![i]!.reduce((sum, l, j) => sum + l * z[j]!, mean));
  });
}

/** Lower rows. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const rows: number[][] = [];
  for (const [i, entries] of matrix.entries()) {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) {
      const other = j === i ? row : rows[j]!;
      let sum = entries[j]!;
      for (let m = 0; m < j; m++) sum -= row[m]! * other[m]!;
      row.push(j === i ? Math.sqrt(Math.max(sum, 0)) : rows[j]![j]! > 0 ? sum / rows[j]![j]! : 0);
    }
    rows.push(row);
  }
  return rows;
}
