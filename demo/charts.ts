/** Live charts of a run: those that belong to its method. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Mixture, TraceRow } from '../src/index.ts';
import { type ChartKind, type Point, WEIGHTS } from './chart-kinds.ts';
import { componentColour, palette } from './palette.ts';

/** Points a chart shows; beyond, every second one goes. */
const MOST_POINTS = 800;
/** Lines of weights, at most. */
const MOST_WEIGHTS = 32;
/** Between redraws. */
const INTERVAL = 250;
const HEIGHT = 132;
/** Share of the iterations whose values are cut off where they lie beyond all later ones. */
const EARLY = 0.4;
/** Iterations are whole. */
const INCREMENTS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((power) => [power, 2 * power, 5 * power]);

/** What of a frame charts show. */
export interface Charted {
  rows: readonly TraceRow[];
  weights: Mixture['weights'];
  /** Of the components, in the order of their weights. */
  ids: readonly number[];
  bound: number;
}

export class Charts {
  readonly #parent: HTMLElement;
  readonly #isDark: () => boolean;
  #kinds: readonly ChartKind[] = [];
  #plots: { kind: ChartKind; plot: uPlot }[] = [];
  #points: Point[] = [];
  #stride = 1;
  #lines = 0;
  #sense: 1 | -1 = 1;
  #drawnAt = 0;
  #due = false;

  constructor(parent: HTMLElement, isDark: () => boolean) {
    this.#parent = parent;
    this.#isDark = isDark;
    new ResizeObserver(() => this.#resize()).observe(parent);
  }

  /** An empty run of so many components at most. */
  restart(kinds: readonly ChartKind[], sense: 'minimize' | 'maximize', components: number): void {
    this.#lines = Math.min(components, MOST_WEIGHTS);
    this.#points = [];
    this.#stride = 1;
    this.#sense = sense === 'maximize' ? 1 : -1;
    this.#kinds = kinds;
    this.rebuild();
  }

  add({ rows, weights, ids, bound }: Charted): void {
    const byId = new Map(ids.map((id, k) => [id, weights[k]!]));
    rows.forEach((row, i) => {
      if (row.iteration % this.#stride !== 0) return;
      const last = i === rows.length - 1;
      this.#points.push({
        iteration: row.iteration,
        temperature: row.temperature,
        best: this.#sense * row.best,
        value: this.#sense * row.value,
        bound: last && Number.isFinite(bound) ? bound : null,
        effective: row.effectiveSampleSize,
        rate: row.rate,
        widest: row.widest,
        components: last ? ids.length : null,
        weights: byId,
      });
    });
    if (this.#points.length > MOST_POINTS) {
      this.#stride *= 2;
      this.#points = this.#points.filter((_, i) => i % 2 === 0);
    }
    this.#schedule();
  }

  /** With the colours of the theme. */
  rebuild(): void {
    for (const { plot } of this.#plots) plot.destroy();
    this.#parent.replaceChildren();
    this.#plots = this.#kinds.map((kind) => {
      const figure = document.createElement('figure');
      figure.className = 'chart';
      figure.dataset.chart = kind.name;
      figure.append(captionOf(kind));
      this.#parent.append(figure);
      return { kind, plot: new uPlot(this.#options(kind, figure), this.#data(kind), figure) };
    });
  }

  #schedule(): void {
    if (this.#due) return;
    const wait = INTERVAL - (performance.now() - this.#drawnAt);
    this.#due = true;
    setTimeout(
      () => {
        this.#due = false;
        this.#drawnAt = performance.now();
        for (const { kind, plot } of this.#plots) plot.setData(this.#data(kind));
      },
      Math.max(0, wait),
    );
  }

  #data({ name, series, logarithmic }: ChartKind): uPlot.AlignedData {
    const points = this.#points;
    const x = points.map(({ iteration }) => iteration);
    if (name === WEIGHTS) {
      return [x, ...Array.from({ length: this.#lines }, (_, id) => points.map(({ weights }) => weights.get(id) ?? null))];
    }
    // A logarithm has no place for what is not above 0.
    const shown = (value: number | null) => (value === null || (logarithmic && value <= 0) ? null : value);
    return [x, ...series.map(({ of }) => points.map((point) => shown(of(point))))];
  }

  #options(kind: ChartKind, figure: HTMLElement): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => {
      // light-dark() is for CSS; a canvas takes what it comes to.
      const probe = document.createElement('i');
      probe.style.color = style.getPropertyValue(name);
      figure.append(probe);
      const computed = getComputedStyle(probe).color;
      probe.remove();
      return computed;
    };
    const [quiet, edge] = ['--quiet', '--edge'].map(colour) as [string, string];
    const colours = palette(this.#isDark());
    const line = (stroke: string, width: number, label: string): uPlot.Series => ({
      label,
      stroke,
      width,
      spanGaps: kind.name !== WEIGHTS,
      points: { show: false },
    });
    const series: uPlot.Series[] =
      kind.name === WEIGHTS
        ? Array.from({ length: this.#lines }, (_, id) => line(componentColour(colours, id), 1.25, String(id + 1)))
        : kind.series.map(({ label, ink }) => line(colour(`--${ink}`), ink === 'text' ? 1.75 : 1.5, label));
    const axis = { stroke: quiet, font: '10px system-ui, sans-serif', ticks: { show: false }, grid: { stroke: edge, width: 1 } };
    const y: uPlot.Scale = kind.logarithmic ? { distr: 3 } : kind.late ? { range: (plot, low, high) => this.#late(plot, low, high) } : {};
    return {
      width: this.#width(figure),
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      padding: [6, 18, 0, 0],
      scales: { x: { time: false }, y },
      axes: [
        { ...axis, size: 22, space: 60, incrs: INCREMENTS },
        { ...axis, size: 46, space: 26, values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))) },
      ],
      series: [{}, ...series],
    };
  }

  /** The range of the later values, with some room. */
  #late({ data }: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
    const [, ...series] = data;
    const late = series.flatMap((values) => Array.from(values).slice(Math.floor(EARLY * values.length))).filter((value) => value != null);
    const [least, most] = late.length > 0 ? [Math.min(...late), Math.max(...late)] : [low ?? 0, high ?? 1];
    const room = 0.06 * (most - least) || 0.06 * Math.abs(least) || 1;
    return [least - room, most + room];
  }

  #width = (figure: HTMLElement): number => Math.max(120, figure.clientWidth);

  #resize(): void {
    for (const { plot } of this.#plots) plot.setSize({ width: this.#width(plot.root.parentElement!), height: HEIGHT });
  }
}

/** The title; of two lines, each word in the colour of its own. */
function captionOf({ title, series }: ChartKind): HTMLElement {
  const caption = document.createElement('figcaption');
  if (series.length < 2) caption.textContent = title;
  else {
    series.forEach(({ label, ink }, i) => {
      const element = document.createElement(ink === 'text' ? 'b' : 'em');
      element.textContent = label;
      caption.append(i > 0 ? ' and ' : '', element);
    });
  }
  return caption;
}

const short = (value: number): string =>
  (Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-2)
    ? value.toExponential(Number.isInteger(Math.log10(Math.abs(value))) ? 0 : 1)
    : String(Number(value.toPrecision(6)))
  ).replaceAll('-', '\u2212');
