/** A result as text: the table of modes and what it took to find them. */
import type { Mode, SampleResult, SearchResult } from '../index.ts';
import { adapterText } from './adapter.ts';
import { coordinate, plural, share, shortNumber } from './numbers.ts';
import { table } from './table.ts';

type Box = readonly (readonly [number, number])[];

const MOST_ROWS = 20;
const MOST_COORDINATES = 6;

export function describeResult(result: SearchResult, box: Box, withMixture: boolean): string {
  const fitted = withMixture ? `${mixtureText(result, box)}\n${posteriorText(result as SampleResult)}` : '';
  return `${modesText(result, box)}${fitted}\n${summary(result, withMixture)}`;
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

/** What the fit says of the posterior, and whether to trust it. */
function posteriorText({ elbo, elboStandardError, logEvidence, effectiveSampleSize, paretoK, weightedDraws }: SampleResult): string {
  const digits = (error: number) => Math.min(Math.max(Math.ceil(1 - Math.log10(Math.max(error, 1e-9))), 1), 6);
  const withError = (value: number, error: number) => `${value.toFixed(digits(error))} +- ${error.toPrecision(2)}`;
  const count = weightedDraws.points.length;
  const lines = [
    `ELBO                   ${withError(elbo, elboStandardError)}`,
    `log evidence           ${withError(logEvidence.value, logEvidence.standardError)}`,
    `effective sample size  ${Math.round(effectiveSampleSize)} of ${count} draws (${((100 * effectiveSampleSize) / count).toFixed(1)} %)`,
    `Pareto k               ${paretoK.toFixed(2)}${paretoK < 0.7 || effectiveSampleSize > 0.99 * count ? '' : ': the evidence and its error are not to be trusted (0.7 and above)'}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const more = (all: number, noun: string): string => (all > MOST_ROWS ? `... and ${plural(all - MOST_ROWS, `more ${noun}`)}\n` : '');

function point(x: readonly number[], box: Box): string {
  const shown = x.slice(0, MOST_COORDINATES).map((value, i) => coordinate(value, box[i]![1] - box[i]![0]));
  return `(${shown.join(', ')}${x.length > MOST_COORDINATES ? `, ... ${x.length} in all` : ''})`;
}

export function summary(result: SearchResult, fitted = false): string {
  const { evaluations, iterations, seconds, adapter, unseen, nonFinite, failedSteps, status, message } = result;
  const times = (['compile', 'run', 'polish'] as const).map((part) => `${part} ${seconds[part].toFixed(2)}`).join(', ');
  const lines = [
    `${status === 'aborted' ? 'aborted: ' : ''}${message}`,
    `${plural(evaluations, 'evaluation')}, ${plural(iterations, 'iteration')}, ${seconds.total.toFixed(2)} s (${times})`,
    `adapter: ${adapterText(adapter)}`,
  ];
  // One fit tells nothing of how often a mode is found again.
  if (!fitted) lines.push(`estimate of modes still unseen: ${unseen.expected.toFixed(1)} (${(100 * unseen.share).toFixed(1)} % of all)`);
  if (nonFinite > 0) lines.push(`${plural(nonFinite, 'sampled value')} not finite (NaN or infinite), given no weight`);
  if (failedSteps > 0) lines.push(`${plural(failedSteps, 'component step')} failed and ${failedSteps === 1 ? 'was' : 'were'} not taken`);
  return lines.map((line) => `${line}\n`).join('');
}
