/**
 * Results as tables. Columns are named as CmdStan names them: `x.1`, `x.2`, ... for the coordinates, `__` behind what is no
 * parameter of a draw; tables of draws begin with `#` lines that say where they come from. Numbers keep all their digits; what is no
 * number reads `nan`, `inf` or `-inf`.
 */
import { OptionError } from '../gpu/errors.ts';
import type { InversionMode, InversionResult } from './inversion-types.ts';
import type { Mode, PosteriorSummary, SampleResult, SearchResult } from './types.ts';

/** The tables that {@link toCsv} makes; see {@link CsvOptions.table} for which results have them. */
export type CsvTable = 'modes' | 'components' | 'draws' | 'weightedDraws' | 'ensemble';

/** Options of {@link toCsv}. */
export interface CsvOptions {
  /**
   * `modes` (default); `components` of the mixture with their covariances, column by column; of `sample`: `draws`, which count alike, or
   * `weightedDraws`; of an inversion by particles its `ensemble`.
   */
  table?: CsvTable;
  /** Names of the coordinates, in place of `x.1`, `x.2`, ... */
  names?: readonly string[];
}

type Cell = number | string | boolean | undefined;

/**
 * A table of a result as CSV text.
 *
 * @example
 * writeFileSync('modes.csv', toCsv(result));
 * writeFileSync('draws.csv', toCsv(posterior, { table: 'draws', names: ['rate', 'shape'] }));
 *
 * @throws OptionError when the result has no such table, or `names` does not fit its dimension.
 */
export function toCsv(result: SearchResult | SampleResult | InversionResult, options: CsvOptions = {}): string {
  const { table = 'modes' } = options;
  if (!Object.hasOwn(tables, table)) {
    throw new OptionError(`table is "${String(table)}"; it must be one of ${Object.keys(tables).join(', ')}`);
  }
  const { header, rows, comments = [] } = tables[table](result, options.names);
  const lines = [...comments.map((comment) => `# ${comment}`), header.map(quoted).join(','), ...rows.map((row) => row.map(cell).join(','))];
  return lines.map((line) => `${line}\n`).join('');
}

interface Table {
  header: string[];
  rows: Cell[][];
  comments?: string[];
}

const tables: Record<CsvTable, (result: SearchResult | InversionResult, names: readonly string[] | undefined) => Table> = {
  modes: (result, names) => ('modelRuns' in result ? inversionModes(result.modes, names) : searchModes(result.modes, names)),
  components: ({ mixture: { weights, means, covariances } }, names) => {
    const x = coordinates(names, means[0]?.length);
    return {
      header: ['weight', ...prefixed('mean', x), ...x.flatMap((column) => x.map((row) => `covariance.${suffix(row)}.${suffix(column)}`))],
      rows: weights.map((weight, k) => [weight, ...means[k]!, ...covariances[k]!.flatMap((_, j) => covariances[k]!.map((row) => row[j]!))]),
    };
  },
  draws: (result, names) => {
    const { draws, drawValues } = posteriorOf(result, 'draws');
    if (draws.length === 0) throw new OptionError('this result holds no draws: give sample() draws, e.g. 1000');
    return {
      header: ['lp__', ...coordinates(names, draws[0]!.length)],
      rows: draws.map((x, i) => [drawValues[i], ...x]),
      comments: origin(result),
    };
  },
  weightedDraws: (result, names) => {
    const { points, values, logWeights } = posteriorOf(result, 'weightedDraws').weightedDraws;
    return {
      header: ['lp__', 'log_weight__', ...coordinates(names, points[0]?.length)],
      rows: points.map((x, i) => [values[i], logWeights[i], ...x]),
      comments: origin(result),
    };
  },
  ensemble: (result, names) => {
    const ensemble = 'ensemble' in result ? result.ensemble : undefined;
    if (!ensemble) throw new OptionError('only inversions by particles (eki, eks) have an ensemble');
    return { header: coordinates(names, ensemble[0]?.length), rows: ensemble.map((x) => [...x]), comments: origin(result) };
  },
};

function searchModes(modes: readonly Mode[], names: readonly string[] | undefined): Table {
  const x = coordinates(names, modes[0]?.x.length);
  return {
    header: ['value', ...x, ...prefixed('sd', x), 'global', 'weight', 'component_weight', 'polished', 'found', 'found_at'],
    rows: modes.map((mode) => [
      mode.value,
      ...mode.x,
      ...mode.covariance.map((row, i) => Math.sqrt(row[i]!)),
      mode.global,
      mode.weight,
      mode.componentWeight,
      mode.polished,
      mode.found,
      mode.foundAt,
    ]),
  };
}

function inversionModes(modes: readonly InversionMode[], names: readonly string[] | undefined): Table {
  const x = coordinates(names, modes[0]?.x.length);
  return {
    header: ['value', ...x, ...prefixed('sd', x), 'weight', 'evidence_weight', 'misfit', 'components'],
    rows: modes.map((mode) => [mode.value, ...mode.x, ...mode.deviation, mode.weight, mode.evidenceWeight, mode.misfit, mode.components]),
  };
}

function posteriorOf(result: SearchResult | InversionResult, table: string): PosteriorSummary {
  if (!('weightedDraws' in result)) throw new OptionError(`table ${table} belongs to results of sample()`);
  return result as SampleResult;
}

const origin = ({ version, method, seed }: SearchResult | InversionResult): string[] => [
  `modescape ${version}`,
  `method = ${method}`,
  `seed = ${seed}`,
];

/** @throws OptionError when there are other than `dim` names. */
export function coordinates(names: readonly string[] | undefined, dim = names?.length ?? 0): string[] {
  if (names && names.length !== dim) throw new OptionError(`names has ${names.length} entries, and there are ${dim} coordinates`);
  return names ? [...names] : Array.from({ length: dim }, (_, i) => `x.${i + 1}`);
}

/** `sd.1` of `x.1`, `sd.rate` of `rate`. */
const prefixed = (prefix: string, columns: readonly string[]): string[] => columns.map((column) => `${prefix}.${suffix(column)}`);
const suffix = (column: string): string => column.replace(/^x\.(?=\d+$)/, '');

function cell(value: Cell): string {
  if (value === undefined) return '';
  if (typeof value !== 'number') return quoted(String(value));
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
