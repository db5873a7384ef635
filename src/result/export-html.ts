/** A run as one HTML page that needs nothing else: summary, plots, and the table of modes. */
import { OptionError } from '../gpu/errors.ts';
import { coordinates } from './export-csv.ts';
import type { InversionResult } from './inversion-types.ts';
import { bar, circle, ellipse, escapeText, type Frame, line, plot } from './plot-svg.ts';
import { summarise } from './summary.ts';
import { summaryRows } from './summary-rows.ts';
import type { SampleResult, SearchResult } from './types.ts';

/** What of a trace the page shows: the rows of `onProgress`, one after the other. */
export interface ReportRow {
  /** omega in the iteration. */
  temperature: number;
  /** Best value so far, in the direction of maximisation. */
  best: number;
  /** Of the weights that samples had, mean over components. */
  effectiveSampleSize: number;
  /** Live components: drawn where their number changes. */
  components?: number;
}

/** Options of {@link toHtml}. */
export interface HtmlOptions {
  /** The page's title. Default: `modescape` and the method. */
  title?: string;
  /** The run's rows: collect `rows` in `onProgress`. Without them there are no traces. */
  trace?: readonly ReportRow[];
  /** The box that was searched: the frame of the projections. Default: as far as the modes reach. */
  box?: readonly (readonly [number, number])[];
  /** Names of the coordinates. */
  names?: readonly string[];
}

/** Axes that are shown in pairs, traces' points, modes' rows and draws, at most. */
const MOST_AXES = 4;
const MOST_POINTS = 600;
const MOST_ROWS = 200;
const MOST_DRAWS = 400;

/**
 * A self-contained page: the summary, traces of temperature, best value and effective sample size, the components' weights, and the modes
 * projected on pairs of axes.
 *
 * @example
 * const trace = [];
 * const result = await minimize({ wgsl, box, onProgress: ({ rows }) => trace.push(...rows) });
 * writeFileSync('report.html', toHtml(result, { trace, box }));
 *
 * @throws OptionError when `names` or `box` does not fit the dimension.
 */
export function toHtml(result: SearchResult | SampleResult | InversionResult, options: HtmlOptions = {}): string {
  const { title = `modescape ${result.method}`, trace = [], box } = options;
  const dim = result.mixture.means[0]?.length ?? result.modes[0]?.x.length ?? options.names?.length ?? 0;
  const names = coordinates(options.names, dim).map((name) => name.replace('.', ''));
  if (box && box.length !== dim) throw new OptionError(`box has ${box.length} intervals, and there are ${dim} coordinates`);
  const sections = [
    ['Summary', summaryTable(result)],
    ['Course', traces(result, trace)],
    ['Components', weights(result)],
    ['Modes, on pairs of axes', projections(result, box, names)],
    ['Modes', modesTable(result, names)],
  ].filter(([, body]) => body !== '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="generator" content="modescape ${escapeText(result.version)}">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeText(title)}</h1>
${sections.map(([name, body]) => `<section>\n<h2>${name}</h2>\n${body}\n</section>`).join('\n')}
<footer>modescape ${escapeText(result.version)}, seed ${result.seed}</footer>
</body>
</html>
`;
}

function summaryTable(result: SearchResult | InversionResult): string {
  const rows = summaryRows(summarise(result)).map(
    ({ name, value }) =>
      `<tr${name === 'warning' ? ' class="warning"' : ''}><th scope="row">${name}</th><td>${escapeText(value)}</td></tr>`,
  );
  return `<table id="summary"><tbody>${rows.join('\n')}</tbody></table>`;
}

function traces(result: SearchResult | InversionResult, trace: readonly ReportRow[]): string {
  if (trace.length < 2) return '';
  const sense = 'sense' in result && result.sense === 'minimize' ? -1 : 1;
  const every = Math.ceil(trace.length / MOST_POINTS);
  const rows = trace.map((row, i) => ({ ...row, i })).filter(({ i }) => i % every === 0 || i === trace.length - 1);
  const course = (name: string, id: string, values: number[], log: boolean): string => {
    const usable = values.filter((value) => Number.isFinite(value) && Math.abs(value) < 1e30 && (!log || value > 0));
    if (usable.length < 2) return '';
    const [low, high] = extent(usable);
    const pad = log ? 0 : 0.04 * (high - low || 1);
    const frame: Frame = {
      title: name,
      description: `from ${short(usable[0]!)} to ${short(usable.at(-1)!)} over ${trace.length} iterations`,
      x: { label: 'iteration', from: 0, to: trace.length - 1 },
      y: { label: '', from: log && low === high ? low / 2 : low - pad, to: log && low === high ? high * 2 : high + pad, log },
    };
    const body = plot(frame, (x, y) =>
      line(
        values.map((value, n) => [x(rows[n]!.i), Math.abs(value) < 1e30 && (!log || value > 0) ? y(value) : Number.NaN]),
        'a',
      ),
    );
    return `<figure id="${id}">${body}</figure>`;
  };
  // A search in waves heats up again: its best value is the best so far.
  let top = Number.NEGATIVE_INFINITY;
  const best = trace.map((row) => {
    top = Math.max(top, row.best);
    return top;
  });
  const counts = rows.map(({ components }) => components ?? Number.NaN);
  return [
    course('Temperature', 'temperature', rows.map(({ temperature }) => temperature), true),
    course('Best value', 'best', rows.map(({ i }) => sense * best[i]!), false),
    course('Effective sample size', 'ess', rows.map(({ effectiveSampleSize }) => effectiveSampleSize), false),
    new Set(counts).size > 1 ? course('Components', 'components', counts, false) : '',
  ].join('\n'); // biome-ignore format: a row a plot
}

function weights({ mixture }: SearchResult | InversionResult): string {
  const sorted = mixture.weights.map((weight, k) => ({ weight, k })).sort((a, b) => b.weight - a.weight);
  if (sorted.length === 0) return '';
  const frame: Frame = {
    title: 'Weights',
    description: `${sorted.length} components, the heaviest with ${(100 * sorted[0]!.weight).toFixed(1)} %`,
    x: { label: 'component, by weight', from: 0, to: sorted.length },
    y: { label: '', from: 0, to: sorted[0]!.weight * 1.05 || 1 },
  };
  const bars = plot(frame, (x, y) =>
    sorted
      .map(({ weight, k }, i) =>
        bar(x(i + 0.1), y(weight), x(i + 0.9) - x(i + 0.1), y(0) - y(weight), 'a', `component ${k + 1}: ${short(weight)}`),
      )
      .join(''),
  );
  return `<figure id="weights">${bars}</figure>`;
}

function projections(result: SearchResult | InversionResult, box: HtmlOptions['box'], names: readonly string[]): string {
  const { mixture, modes } = result;
  const dim = names.length;
  if (dim === 0 || (modes.length === 0 && mixture.means.length === 0)) return '';
  // The mixture of an inversion is in unconstrained coordinates: only its modes are in the same ones as the page.
  const components = 'modelRuns' in result ? [] : mixture.means;
  const { draws: drawn = [], ensemble = [] } = result as Partial<SampleResult & InversionResult>;
  const draws = drawn.length > 0 ? drawn : ensemble;
  const every = Math.max(1, Math.ceil(draws.length / MOST_DRAWS));
  const points = draws.filter((_, i) => i % every === 0);
  const shown = modes.slice(0, MOST_ROWS);
  const span = (axis: number): [number, number] => {
    const values = [...shown.map(({ x }) => x[axis]!), ...points.map((x) => x[axis]!)];
    if (box && values.every((value) => value >= box[axis]![0] && value <= box[axis]![1])) return [...box[axis]!] as [number, number];
    const [low, high] = extent([...values, ...components.map((mean) => mean[axis]!)]);
    const pad = 0.08 * (high - low) || 1;
    return [low - pad, high + pad];
  };
  const figure = (a: number, b: number): string => {
    const [ax, bx] = [span(a), span(b)];
    const frame: Frame = {
      title: `${names[a]} and ${names[b]}`,
      description: `${shown.length} modes and ${components.length} components`,
      x: { label: names[a]!, from: ax[0], to: ax[1] },
      y: { label: names[b]!, from: bx[0], to: bx[1] },
      height: 340,
    };
    const body = plot(frame, (x, y) => {
      const unit = [x(1) - x(0), y(1) - y(0)] as const;
      return [
        ...points.map((point) => circle(x(point[a]!), y(point[b]!), 1, 'draw')),
        ...components.map((mean, k) => {
          const covariance = mixture.covariances[k]!;
          return ellipse([x(mean[a]!), y(mean[b]!)], [covariance[a]![a]!, covariance[a]![b]!, covariance[b]![b]!], unit, 'b');
        }),
        ...shown.map((mode, i) => {
          const global = 'global' in mode ? mode.global : i === 0;
          return circle(
            x(mode.x[a]!),
            y(mode.x[b]!),
            global ? 4.5 : 3,
            global ? 'c' : 'a',
            `mode ${i + 1}: ${short(mode.value)} at (${mode.x.map(short).join(', ')})`,
          );
        }),
      ].join('');
    });
    return `<figure class="pair">${body}</figure>`;
  };
  if (dim === 1) return along(result as SearchResult, span(0), names[0]!);
  const axes = Math.min(dim, MOST_AXES);
  const figures: string[] = [];
  for (let a = 0; a < axes; a++) for (let b = a + 1; b < axes; b++) figures.push(figure(a, b));
  const left = dim > axes ? `<p>The first ${axes} of ${dim} axes.</p>` : '';
  return `${left}<div class="plots">${figures.join('\n')}</div><p class="key"><span class="c">global modes</span> <span class="a">other modes</span> <span class="b">components, one standard deviation</span></p>`;
}

/** One dimension: values over the axis. */
function along({ modes }: SearchResult, [from, to]: [number, number], name: string): string {
  if (modes.length === 0) return '';
  const [low, high] = extent(modes.map(({ value }) => value));
  const pad = 0.1 * (high - low) || 1;
  const frame: Frame = {
    title: `Values along ${name}`,
    description: `${modes.length} modes`,
    x: { label: name, from, to },
    y: { label: 'value', from: low - pad, to: high + pad },
  };
  const body = plot(frame, (x, y) =>
    modes
      .map((mode, i) =>
        circle(x(mode.x[0]!), y(mode.value), 4, i === 0 ? 'c' : 'a', `mode ${i + 1}: ${short(mode.value)} at ${short(mode.x[0]!)}`),
      )
      .join(''),
  );
  return `<figure class="pair">${body}</figure>`;
}

function modesTable({ modes }: SearchResult | InversionResult, names: readonly string[]): string {
  if (modes.length === 0) return '<p>No modes were found.</p>';
  const inversion = 'misfit' in modes[0]!;
  const head = ['#', 'value', ...names, 'weight', ...(inversion ? ['misfit', 'components'] : ['found', 'polished'])];
  const rows = modes.slice(0, MOST_ROWS).map((mode, i) => {
    const rest = 'misfit' in mode ? [short(mode.misfit), String(mode.components)] : [String(mode.found), escapeText(mode.polished)];
    const cells = [String(i + 1), short(mode.value), ...mode.x.map(short), short(mode.weight), ...rest];
    return `<tr${'global' in mode && mode.global ? ' class="global"' : ''}>${cells.map((text) => `<td>${text}</td>`).join('')}</tr>`;
  });
  const more = modes.length > MOST_ROWS ? `<p>... and ${modes.length - MOST_ROWS} more</p>` : '';
  return `<div class="scroll"><table id="modes"><thead><tr>${head.map((name) => `<th scope="col">${escapeText(name)}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>${more}`;
}

const short = (value: number): string => String(Number(value.toPrecision(6)));

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

const style = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #667; --grid: #e4e6ea; --back: #fff; --a: #2563b0; --b: #c9782a; --c: #15803d; --draw: #2563b055; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e8eb; --soft: #9aa3af; --grid: #2c323a; --back: #14171b; --a: #6ea8fe; --b: #e0a061; --c: #5fd38d; --draw: #6ea8fe55; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 1000px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; width: 100%; max-width: 420px; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; } svg text.title { fill: var(--text); font-size: 13px; }
svg .grid { stroke: var(--grid); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { text-align: left; padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; font-weight: normal; }
th { color: var(--soft); } tr.global td { font-weight: 600; } tr.warning td { color: var(--b); } .scroll { overflow-x: auto; }
.key span::before { content: "\\25CF "; } .key .a::before { color: var(--a); } .key .b::before { content: "\\25EF "; color: var(--b); } .key .c::before { color: var(--c); } .key span { margin-right: 1rem; }
footer { margin-top: 2rem; color: var(--soft); }
`;
