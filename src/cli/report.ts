/** A result as text: the table of modes and what it took to find them. */
import { type InversionResult, type Mode, type SearchResult, summarise, summaryRows } from '../index.ts';
import { coordinate, plural, share, shortNumber } from './numbers.ts';
import { table } from './table.ts';

type Box = readonly (readonly [number, number])[];

const MOST_ROWS = 20;
const MOST_COORDINATES = 6;

export function describeResult(result: SearchResult, box: Box, withMixture: boolean): string {
  return `${modesText(result, box)}${withMixture ? mixtureText(result, box) : ''}\n${summary(result)}`;
}

export function modesText({ modes, best }: SearchResult, box: Box): string {
  if (modes.length === 0) {
    if (best.x.length === 0) return 'no modes found\n';
    return `no modes found; best point seen: ${shortNumber(best.value)} at ${point(best.x, box)}\n`;
  }
  const columns = [
    { title: '#', align: 'right' },
    { title: 'value', align: 'right' },
    { title: 'x' },
    { title: 'weight', align: 'right' },
    { title: 'global' },
    { title: 'polished' },
  ] as const;
  const row = (mode: Mode, i: number) => [
    String(i + 1),
    shortNumber(mode.value, mode.polished === 'f64' ? 10 : 7),
    point(mode.x, box),
    share(mode.weight),
    mode.global ? '*' : '',
    mode.polished,
  ];
  return table(columns, modes.slice(0, MOST_ROWS).map(row)) + more(modes.length, 'mode');
}

/** What `sample` is for: the components with their weights. */
function mixtureText({ mixture: { weights, means, covariances } }: SearchResult, box: Box): string {
  const order = weights.map((_, k) => k).sort((a, b) => weights[b]! - weights[a]!);
  const columns = [
    { title: 'component', align: 'right' },
    { title: 'weight', align: 'right' },
    { title: 'mean' },
    { title: 'standard deviation' },
  ] as const;
  const rows = order.slice(0, MOST_ROWS).map((k) => [
    String(k + 1),
    share(weights[k]!),
    point(means[k]!, box),
    point(
      covariances[k]!.map((row, i) => Math.sqrt(row[i]!)),
      box,
    ),
  ]);
  return rows.length === 0 ? '' : `\n${table(columns, rows)}${more(weights.length, 'component')}`;
}

const more = (all: number, noun: string): string => (all > MOST_ROWS ? `... and ${plural(all - MOST_ROWS, `more ${noun}`)}\n` : '');

function point(x: readonly number[], box: Box): string {
  const shown = x.slice(0, MOST_COORDINATES).map((value, i) => coordinate(value, box[i]![1] - box[i]![0]));
  return `(${shown.join(', ')}${x.length > MOST_COORDINATES ? `, ... ${x.length} in all` : ''})`;
}

/** What it took, what went wrong, and what to be wary of. */
export function summary(result: SearchResult | InversionResult): string {
  const rows = summaryRows(summarise(result)).filter(({ usual }) => !usual);
  return rows.map(({ name, value }) => `${name.padEnd(Math.max(...rows.map((row) => row.name.length)))}  ${value}\n`).join('');
}
