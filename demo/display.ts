/** What a run looks like: the plot, the numbers, the table of modes and the charts, each as often as it is worth. */
import type { Gpu } from '../src/gpu/device.ts';
import type { AdapterDescription, SearchResult, TraceRow } from '../src/index.ts';
import { chartsFor } from './chart-kinds.ts';
import { Charts } from './charts.ts';
import { byId } from './dom.ts';
import { sampleSlice } from './landscape.ts';
import { familyOf } from './methods.ts';
import { foundRows, type ModeRow, modesOf } from './modes.ts';
import { ModesTable } from './modes-table.ts';
import { number } from './numbers.ts';
import type { Pace } from './pace.ts';
import type { ViewSettings } from './panel.ts';
import { Readouts } from './readouts.ts';
import type { Session } from './session.ts';
import { fitsPosterior, type Settings, subjectOf } from './settings.ts';
import type { Theme } from './theme.ts';
import { type Relief, reliefOf } from './views/background.ts';
import { Painter } from './views/painter.ts';
import { Stage } from './views/stage.ts';

/** Samples drawn at most: a software adapter has to draw them by hand. */
const MOST_SAMPLES = { hardware: 2 ** 20, software: 2 ** 13 } as const;
/** Milliseconds between updates of the numbers, and of the table of modes: a page that changes costs time to paint. */
const NUMBERS_INTERVAL = 100;
const TABLE_INTERVAL = 300;

/** What is drawn of a component. */
const LEGENDS = {
  plane: 'mean, 1σ, 2σ',
  pairs: 'mean, 1σ, 2σ',
  space: 'mean, 1σ; drag to turn, wheel to zoom',
  parallel: 'mean of a component',
} as const;

/** A run as it stands. */
export interface Shown {
  settings: Settings;
  /** None while one is being started. */
  session: Session | undefined;
  found: SearchResult | undefined;
}

export class Display {
  readonly #stage: Stage;
  readonly #charts: Charts;
  readonly #readouts = new Readouts();
  readonly #table = new ModesTable(byId<HTMLTableElement>('modes'), (marked) => {
    this.#marked = marked;
    this.#setScene();
    this.#stage.draw();
  });
  #shown: Shown;
  #view: ViewSettings;
  #software = false;
  #rows: readonly ModeRow[] = [];
  #marked: ReadonlySet<number> = new Set();
  #relief: Relief | undefined;
  /** Grows with every landscape asked for: an older one is dropped. */
  #slices = 0;
  #writtenAt = 0;
  #tabledAt = 0;

  constructor(theme: Theme, shown: Shown, view: ViewSettings) {
    this.#shown = shown;
    this.#view = view;
    const isDark = () => theme.isDark;
    const canvas = (id: string) => byId<HTMLCanvasElement>(id);
    const elements = { stage: byId('plot'), below: canvas('landscape'), search: canvas('search'), above: canvas('marks') };
    this.#stage = new Stage(elements, { ...view, mostSamples: MOST_SAMPLES.hardware }, isDark);
    this.#charts = new Charts(byId('charts'), isDark);
    theme.onChange(() => {
      this.#stage.redraw();
      this.#charts.rebuild();
    });
  }

  adapter(adapter: AdapterDescription): void {
    this.#software = adapter.software;
    this.#readouts.adapter(adapter);
  }

  /** Another run, or none for now. `sameTarget`: over the landscape that is there. */
  restart(shown: Shown, sameTarget: boolean): void {
    this.#shown = shown;
    this.#table.release();
    if (!sameTarget) {
      this.#slices++;
      this.#relief = undefined;
    }
    const { session, settings } = shown;
    if (session) {
      this.#stage.useDevice(session.gpu.device, this.#software);
      this.#charts.restart(
        chartsFor(settings, fitsPosterior(settings)),
        subjectOf(settings).sense,
        settings.capacity ?? settings.components,
      );
    }
    this.#setScene();
  }

  get hasRelief(): boolean {
    return this.#relief !== undefined;
  }

  found(found: SearchResult | undefined): void {
    this.#shown = { ...this.#shown, found };
  }

  setView(view: ViewSettings): void {
    this.#view = view;
    byId('plot').dataset.view = view.name;
    byId('legend-mean').textContent = LEGENDS[view.name];
    this.#setScene();
    this.#stage.setOptions({ ...view, mostSamples: this.#mostSamples });
  }

  /** The search as it will stand once what is submitted is done. */
  draw(): void {
    this.#stage.draw();
  }

  trace(rows: readonly TraceRow[]): void {
    const { session } = this.#shown;
    if (!session) return;
    const { snapshot, ids, bound } = session;
    this.#charts.add({ rows, weights: snapshot.mixture.weights, ids, bound });
  }

  /** Numbers, and now and then the table; `complete` writes all of it and draws. */
  refresh(pace: Pace, complete: boolean): void {
    const { session, settings, found } = this.#shown;
    if (!session) return;
    const { snapshot, particles } = session;
    const now = performance.now();
    if (complete || now - this.#writtenAt > NUMBERS_INTERVAL) {
      this.#writtenAt = now;
      const { particleRate, gpuMilliseconds } = pace;
      const kalman = familyOf(settings.method) === 'kalman';
      const bound = fitsPosterior(settings) && !kalman ? session.bound : undefined;
      this.#readouts.show({ snapshot, particles, particleRate, gpuMilliseconds, bound, annealed: !kalman });
      const { mixture, iteration } = snapshot;
      const most = Painter.shown(session.drawn, this.#mostSamples) * mixture.means.length;
      const drawn = this.#view.samples && this.#view.name !== 'parallel' ? Math.min(most, particles) : 0;
      this.#readouts.shown(iteration > 0 ? drawn : 0, particles);
    }
    if (complete || now - this.#tabledAt > TABLE_INTERVAL) {
      this.#tabledAt = now;
      this.#rows = found ? foundRows(found.modes, snapshot) : modesOf(snapshot, session.worths, subjectOf(settings).sense);
      this.#table.show(this.#rows, subjectOf(settings).box);
      byId('modes-summary').textContent = this.#summary();
    }
    this.#setScene();
    if (complete) this.#stage.draw();
  }

  /** The landscape under the plane view: where there are more axes, the slice through the best point there is. */
  async slice(gpu: Gpu): Promise<void> {
    const mine = ++this.#slices;
    const { settings, session, found } = this.#shown;
    const [a, b] = this.#view.axes;
    const best = found?.best ?? session?.snapshot.best;
    const centre = subjectOf(settings).box.map(([low, high]) => 0.5 * (low + high));
    const landscape = await sampleSlice(gpu, settings, [a, b], best && Number.isFinite(best.value) ? best.x : centre);
    if (mine !== this.#slices) return;
    this.#relief = reliefOf(landscape);
    this.#setScene();
  }

  /** The plot as a picture, on the colour of its card. */
  picture(): Promise<Blob> {
    return this.#stage.picture(getComputedStyle(byId('plot').parentElement!).backgroundColor);
  }

  get #mostSamples(): number {
    return MOST_SAMPLES[this.#software ? 'software' : 'hardware'];
  }

  #summary(): string {
    const { found } = this.#shown;
    const count = this.#rows.length;
    if (found) return `${count} found and refined; best ${number(found.best.value, 5)}. Point at one to see it.`;
    const worth = this.#shown.session?.sharesSamples ? 'E[f − ω log q] of each' : 'the best value seen there';
    return `${count} place${count === 1 ? '' : 's'} where components stand now, with ${worth}. Point at one to see it.`;
  }

  #setScene(): void {
    const { session, settings } = this.#shown;
    this.#stage.setScene({
      box: subjectOf(settings).box,
      relief: this.#relief,
      state: session?.drawn,
      rows: session ? this.#rows : [],
      means: session?.snapshot.mixture.means ?? [],
      ids: session?.ids ?? [],
      marked: this.#marked,
    });
  }
}
