/** Live charts of a run: temperature, best value and mean, effective sample size, weights. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { TraceRow } from '../src/index.ts';
import type { Subject } from './catalogue.ts';
import { componentColour, palette } from './palette.ts';

/** Points a chart shows; beyond, every second one goes. */
const MOST_POINTS = 800;
/** Lines of weights, at most. */
const MOST_WEIGHTS = 32;
/** Between redraws. */
const INTERVAL = 250;
const HEIGHT = 132;
/** Iterations are whole. */
const INCREMENTS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((power) => [power, 2 * power, 5 * power]);

type Kind = 'temperature' | 'value' | 'effective' | 'weights';

const titles: Record<Kind, string> = {
  temperature: 'Temperature ω',
  value: 'Best value',
  effective: 'Effective samples / component',
  weights: 'Component weights',
};

interface Point {
  iteration: number;
  temperature: number;
  best: number;
  value: number;
  effective: number;
  weights: readonly number[];
}

export class Charts {
  readonly #parent: HTMLElement;
  readonly #isDark: () => boolean;
  #plots: { kind: Kind; plot: uPlot }[] = [];
  #points: Point[] = [];
  #stride = 1;
  #sense: 1 | -1 = 1;
  /** E[f], f = l - omega log q: the evidence lower bound of a density at temperature 1. */
  #bound = '';
  #components = 0;
  #drawnAt = 0;
  #due = false;

  constructor(parent: HTMLElement, isDark: () => boolean) {
    this.#parent = parent;
    this.#isDark = isDark;
    new ResizeObserver(() => this.#resize()).observe(parent);
  }

  /** An empty run of so many components. */
  restart(components: number, { sense, density }: Pick<Subject, 'sense' | 'density'>): void {
    this.#points = [];
    this.#stride = 1;
    this.#sense = sense === 'maximize' ? 1 : -1;
    this.#bound = density ? 'ELBO' : 'free energy';
    this.#components = Math.min(components, MOST_WEIGHTS);
    this.rebuild();
  }

  add(rows: readonly TraceRow[], weights: readonly number[]): void {
    for (const row of rows) {
      if (row.iteration % this.#stride !== 0) continue;
      this.#points.push({
        iteration: row.iteration,
        temperature: row.temperature,
        best: this.#sense * row.best,
        value: this.#sense * row.value,
        effective: row.effectiveSampleSize,
        weights,
      });
    }
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
    this.#plots = (Object.keys(titles) as Kind[]).map((kind) => {
      const figure = document.createElement('figure');
      figure.className = 'chart';
      figure.dataset.chart = kind;
      const caption = document.createElement('figcaption');
      if (kind === 'value') caption.append(inked('b', titles[kind]), ' and ', inked('em', this.#bound));
      else caption.textContent = titles[kind];
      figure.append(caption);
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

  #data(kind: Kind): uPlot.AlignedData {
    const points = this.#points;
    const x = points.map(({ iteration }) => iteration);
    if (kind === 'temperature') return [x, points.map(({ temperature }) => temperature)];
    if (kind === 'value') return [x, points.map(({ best }) => best), points.map(({ value }) => value)];
    if (kind === 'effective') return [x, points.map(({ effective }) => effective)];
    return [x, ...Array.from({ length: this.#components }, (_, k) => points.map(({ weights }) => weights[k] ?? null))];
  }

  #options(kind: Kind, figure: HTMLElement): uPlot.Options {
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
    const [quiet, edge, accent, text] = ['--quiet', '--edge', '--accent', '--text'].map(colour) as [string, string, string, string];
    const colours = palette(this.#isDark());
    const line = (stroke: string, width = 1.5, label = ''): uPlot.Series => ({ label, stroke, width, points: { show: false } });
    const series: uPlot.Series[] =
      kind === 'weights'
        ? Array.from({ length: this.#components }, (_, k) => line(componentColour(colours, k), 1.25, String(k + 1)))
        : kind === 'value'
          ? [line(text, 1.75, 'best'), line(accent, 1.25, this.#bound)]
          : [line(accent)];
    const axis = { stroke: quiet, font: '10px system-ui, sans-serif', ticks: { show: false }, grid: { stroke: edge, width: 1 } };
    return {
      width: this.#width(figure),
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      padding: [6, 18, 0, 0],
      scales: { x: { time: false }, y: kind === 'temperature' ? { distr: 3 } : {} },
      axes: [
        { ...axis, size: 22, space: 60, incrs: INCREMENTS },
        { ...axis, size: 46, space: 26, values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))) },
      ],
      series: [{}, ...series],
    };
  }

  #width = (figure: HTMLElement): number => Math.max(120, figure.clientWidth);

  #resize(): void {
    for (const { plot } of this.#plots) plot.setSize({ width: this.#width(plot.root.parentElement!), height: HEIGHT });
  }
}

/** A word in the colour of its line. */
function inked(tag: 'b' | 'em', text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

const short = (value: number): string =>
  (Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-2) ? value.toExponential(0) : String(value)).replaceAll('-', '\u2212');
