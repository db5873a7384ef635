/** The page: settings start a session, the buttons move it on, every frame is drawn, and what it says is written down. */
import { gpuFor } from '../src/api/search-options.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { ShaderError } from '../src/gpu/errors.ts';
import type { SearchResult, TraceRow } from '../src/index.ts';
import { Charts } from './charts.ts';
import { byId } from './dom.ts';
import { sampleSlice } from './landscape.ts';
import { linkOf, readLink } from './link.ts';
import { foundRows, type ModeRow, modesOf } from './modes.ts';
import { ModesTable } from './modes-table.ts';
import { number, whole } from './numbers.ts';
import { ObjectivePanel } from './objective-panel.ts';
import { Pace } from './pace.ts';
import { Panel, type ViewSettings } from './panel.ts';
import { ProblemPicker, sameSettings } from './problem-picker.ts';
import { Readouts } from './readouts.ts';
import { scenesFor } from './scenes.ts';
import { type Frame, Session } from './session.ts';
import { entryOf, estimatorsOf, type Settings, settingsFor, subjectOf } from './settings.ts';
import { offerTakeaways } from './takeaways.ts';
import { findModes } from './target.ts';
import { Theme } from './theme.ts';
import { type Phase, Transport } from './transport.ts';
import { ViewTabs } from './view-tabs.ts';
import { type Relief, reliefOf } from './views/background.ts';
import { Painter } from './views/painter.ts';
import { Stage } from './views/stage.ts';

/** Samples drawn at most: a software adapter has to draw them by hand. */
const MOST_SAMPLES = { hardware: 2 ** 20, software: 2 ** 13 } as const;
/** Frames under way at once: a GPU computes one while the last one's readback is on its way; a CPU gains nothing. */
const IN_FLIGHT = { hardware: 2, software: 1 } as const;
/** Milliseconds between updates of the numbers, and of the table of modes: a page that changes costs time to paint. */
const NUMBERS_INTERVAL = 100;
const TABLE_INTERVAL = 300;

export class App {
  readonly #theme = new Theme(byId<HTMLButtonElement>('theme'));
  readonly #transport = new Transport({
    start: () => this.#run(),
    pause: () => this.#pause(),
    step: () => this.#step(),
    stop: () => this.#restart(false),
    find: () => this.#find(),
  });
  readonly #readouts = new Readouts();
  readonly #objective = new ObjectivePanel({
    settingsWith: (text) => ({ ...this.#settings, text: text === builtInText(this.#settings) ? undefined : text }),
    device: () => this.#gpu?.device,
    accept: (settings) => {
      if (!sameSettings(settings, this.#settings)) this.#show(settings, this.#running);
    },
    reset: () => this.#show({ ...this.#settings, text: undefined }, this.#running),
  });
  readonly #panel = new Panel(byId('parameters'), {
    settings: (changes) => this.#change(changes),
    view: (changes) => this.#setView({ ...this.#view, ...changes }),
  });
  readonly #picker = new ProblemPicker(byId<HTMLSelectElement>('problem'), (choice) => {
    if ('scene' in choice) {
      if (choice.scene.settings.dimension > 2) this.#view = { ...this.#view, name: 'pairs' };
      this.#show(choice.scene.settings, true);
    } else this.#show(settingsFor(choice.problem), false);
  });
  readonly #tabs = new ViewTabs(byId('views'), (name) => this.#setView({ ...this.#view, name }));
  readonly #charts = new Charts(byId('charts'), () => this.#theme.isDark);
  readonly #table = new ModesTable(byId<HTMLTableElement>('modes'), (marked) => {
    this.#marked = marked;
    this.#refreshScene();
    this.#stage.draw();
  });
  readonly #stage: Stage;

  #view: ViewSettings = { name: 'plane', axes: [0, 1, 2], samples: true, trails: true, ellipses: true, iterationsPerFrame: 1 };
  #settings: Settings = settingsFor('himmelblau');
  #gpu: Gpu | undefined;
  #session: Session | undefined;
  #pace = new Pace();
  #trace: TraceRow[] = [];
  #rows: readonly ModeRow[] = [];
  #marked: ReadonlySet<number> = new Set();
  #relief: Relief | undefined;
  #found: SearchResult | undefined;
  #begun = 0;
  #writtenAt = 0;
  #tabledAt = 0;
  #searching: AbortController | undefined;
  #running = false;
  /** Grows with every start, so that a start or a search that was overtaken drops its result. */
  #generation = 0;
  /** Grows whenever the running state changes: the loop of an older number ends. */
  #loop = 0;

  constructor() {
    this.#stage = new Stage(
      {
        stage: byId('plot'),
        below: byId<HTMLCanvasElement>('landscape'),
        search: byId<HTMLCanvasElement>('search'),
        above: byId<HTMLCanvasElement>('marks'),
      },
      { ...this.#view, mostSamples: MOST_SAMPLES.hardware },
      () => this.#theme.isDark,
    );
    this.#theme.onChange(() => {
      this.#stage.redraw();
      this.#charts.rebuild();
    });
    offerTakeaways(byId<HTMLButtonElement>('share'), document.querySelectorAll<HTMLButtonElement>('[data-export]'), {
      run: () => {
        const session = this.#session;
        const seconds = (performance.now() - this.#begun) / 1000;
        return session && { settings: session.settings, snapshot: session.snapshot, trace: this.#trace, found: this.#found, seconds };
      },
      picture: () => this.#stage.picture(getComputedStyle(byId('plot').parentElement!).backgroundColor),
      say: (text) => this.#transport.status(text),
    });
    addEventListener('hashchange', () => this.#readLink());
  }

  async open(): Promise<void> {
    try {
      this.#gpu = await gpuFor({});
    } catch (error) {
      return this.#unavailable(error);
    }
    this.#picker.offer(scenesFor(this.#software));
    this.#readouts.adapter(this.#gpu.adapter);
    const linked = readLink(location.hash);
    await this.#show(linked?.settings ?? this.#settings, false);
    if (linked && linked.complaints.length > 0) this.#message(`Parts of the link could not be used: ${linked.complaints.join('; ')}.`);
  }

  get #software(): boolean {
    return this.#gpu?.adapter.software ?? false;
  }

  // Settings

  #readLink(): void {
    const linked = readLink(location.hash);
    if (linked && !sameSettings(linked.settings, this.#settings)) this.#show(linked.settings, false);
  }

  #change(changes: Partial<Settings>): void {
    const settings = { ...this.#settings, ...changes };
    if (sameSettings(settings, this.#settings)) return;
    if (changes.goal) settings.weightRate = changes.goal === 'posterior' ? 0.1 : 0;
    this.#show(settings, this.#running);
  }

  /** Takes settings on: the controls, the editor and the link follow, and the run starts anew. */
  #show(settings: Settings, thenRun: boolean): Promise<void> {
    const subject = subjectOf(settings);
    const allowed = estimatorsOf(subject).includes(settings.estimator);
    this.#settings = allowed ? settings : { ...settings, estimator: 'auto' };
    this.#objective.show(subject);
    this.#picker.show(this.#settings);
    byId('problem-title').textContent =
      `${subject.title}. ${subject.sense === 'maximize' ? 'Maximised' : 'Minimised'}, d = ${settings.dimension}.`;
    this.#fitView();
    this.#panel.show(this.#settings, this.#view);
    history.replaceState(null, '', linkOf(this.#settings));
    return this.#restart(thenRun);
  }

  // The run

  async #restart(thenRun: boolean): Promise<void> {
    const mine = ++this.#generation;
    this.#loop++;
    this.#running = false;
    this.#searching?.abort();
    this.#searching = undefined;
    const settings = this.#settings;
    this.#transport.show('starting', 'Compiling');
    this.#message(undefined);
    this.#table.release();
    const old = this.#session;
    if (old && targetKey(old.settings) !== targetKey(settings)) {
      this.#found = undefined;
      this.#relief = undefined;
    }
    this.#session = undefined;
    this.#refreshScene();
    try {
      await old?.dispose();
      this.#gpu = await gpuFor({});
      const made = await Session.start(settings);
      if (mine !== this.#generation) return made.dispose();
      this.#session = made;
      this.#pace = new Pace();
      this.#trace = [];
      this.#begun = performance.now();
      this.#objective.mark(undefined);
      this.#stage.useDevice(made.gpu.device, this.#software);
      this.#charts.restart(made.snapshot.mixture.means.length, subjectOf(settings));
      this.#refresh(true);
      this.#setView(this.#view);
      if (!this.#relief) await this.#slice();
      if (mine !== this.#generation) return;
      this.#rest();
      if (thenRun) this.#run();
    } catch (error) {
      if (mine === this.#generation) this.#fail(error);
    }
  }

  async #run(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    if (session.ended) return this.#restart(true);
    const mine = ++this.#loop;
    this.#running = true;
    this.#pace.rest();
    this.#transport.show('running', this.#runningText(session));
    const most = IN_FLIGHT[this.#software ? 'software' : 'hardware'];
    while (mine === this.#loop && !session.ended) {
      await new Promise(requestAnimationFrame);
      if (mine !== this.#loop || session.inFlight >= most) continue;
      this.#advance(session, this.#pace.iterations(this.#view.iterationsPerFrame));
      this.#stage.draw();
    }
    if (mine !== this.#loop) return;
    await session.settled();
    if (mine !== this.#loop) return;
    this.#running = false;
    this.#refresh(true);
    this.#rest();
    if (session.snapshot.mixture.means[0]!.length > 2) this.#slice();
  }

  /** One frame; never rejects. */
  async #advance(session: Session, iterations: number): Promise<void> {
    const before = performance.now();
    try {
      const frame = await session.advance(iterations);
      if (session !== this.#session) return;
      const { particles } = session;
      this.#pace.record({ iterations: frame.iterations, particles, elapsed: performance.now() - before, gpu: frame.gpuMilliseconds });
      this.#take(frame);
    } catch (error) {
      if (session === this.#session) this.#fail(error);
    }
  }

  #take({ rows, snapshot }: Frame): void {
    this.#trace.push(...rows);
    this.#charts.add(rows, snapshot.mixture.weights);
    this.#refresh(false);
  }

  /** Holds once the frame under way is drawn. */
  async #pause(): Promise<void> {
    const mine = ++this.#loop;
    this.#running = false;
    const session = this.#session;
    await session?.settled();
    if (mine !== this.#loop || session !== this.#session) return;
    this.#refresh(true);
    this.#rest();
    if (this.#settings.dimension > 2) this.#slice();
  }

  async #step(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    await this.#advance(session, 1);
    if (session !== this.#session) return;
    this.#refresh(true);
    if (!this.#running && !this.#searching) this.#rest();
  }

  async #find(): Promise<void> {
    if (this.#searching) return this.#searching.abort();
    this.#running = false;
    this.#loop++;
    const mine = this.#generation;
    const search = new AbortController();
    this.#searching = search;
    this.#transport.show('searching', 'Searching for all modes');
    try {
      await this.#session?.settled();
      const result = await findModes(this.#settings, {
        signal: search.signal,
        onProgress: ({ modes, evaluations }) => {
          if (mine !== this.#generation) return;
          this.#transport.status(`${modes} mode${modes === 1 ? '' : 's'} after ${whole(evaluations)} evaluations`);
        },
      });
      if (mine !== this.#generation) return;
      this.#searching = undefined;
      this.#found = result;
      this.#refresh(true);
      this.#rest();
      this.#transport.status(result.message);
      if (this.#settings.dimension > 2) this.#slice();
    } catch (error) {
      if (mine !== this.#generation) return;
      this.#searching = undefined;
      this.#fail(error);
    }
  }

  // What is shown

  /** Numbers, and now and then the table; `whole` draws too. */
  #refresh(complete: boolean): void {
    const session = this.#session;
    if (!session) return;
    const { snapshot, particles } = session;
    const now = performance.now();
    if (complete || now - this.#writtenAt > NUMBERS_INTERVAL) {
      this.#writtenAt = now;
      const { particleRate, gpuMilliseconds } = this.#pace;
      this.#readouts.show({ snapshot, particles, particleRate, gpuMilliseconds });
      const drawn = this.#view.samples ? Painter.shown(session.drawn, this.#mostSamples) * snapshot.mixture.means.length : 0;
      this.#readouts.shown(snapshot.iteration > 0 ? drawn : 0, particles);
    }
    if (complete || now - this.#tabledAt > TABLE_INTERVAL) {
      this.#tabledAt = now;
      this.#rows = this.#found ? foundRows(this.#found.modes, snapshot) : modesOf(snapshot, session.bests, subjectOf(this.#settings).sense);
      this.#table.show(this.#rows);
      byId('modes-summary').textContent = this.#summary();
    }
    this.#refreshScene();
    if (complete) this.#stage.draw();
  }

  #summary(): string {
    const count = this.#rows.length;
    if (this.#found) return `${count} found and refined; best ${number(this.#found.best.value, 5)}. Point at one to see it.`;
    return `${count} place${count === 1 ? '' : 's'} where components stand now, with the best value seen there. Point at one to see it.`;
  }

  #refreshScene(): void {
    const session = this.#session;
    this.#stage.setScene({
      box: subjectOf(this.#settings).box,
      relief: this.#relief,
      state: session?.drawn,
      rows: session ? this.#rows : [],
      means: session?.snapshot.mixture.means ?? [],
      marked: this.#marked,
    });
  }

  /** The landscape under the plane view: through the best point there is, where there are more axes. */
  async #slice(): Promise<void> {
    const mine = this.#generation;
    const gpu = this.#gpu;
    const [a, b] = this.#view.axes;
    if (!gpu) return;
    const { box } = subjectOf(this.#settings);
    const best = this.#found?.best ?? this.#session?.snapshot.best;
    const through = best && Number.isFinite(best.value) ? best.x : box.map(([low, high]) => 0.5 * (low + high));
    const landscape = await sampleSlice(gpu, this.#settings, [a, b], through);
    if (mine !== this.#generation || a !== this.#view.axes[0] || b !== this.#view.axes[1]) return;
    this.#relief = reliefOf(landscape);
    this.#refreshScene();
    this.#stage.redraw();
  }

  get #mostSamples(): number {
    return MOST_SAMPLES[this.#software ? 'software' : 'hardware'];
  }

  /** Axes that the problem has, and a view that suits it. */
  #fitView(): void {
    const { dimension } = this.#settings;
    const { name, axes } = this.#view;
    const fits = axes.every((axis) => axis < dimension);
    this.#view = {
      ...this.#view,
      name: dimension < 3 && (name === 'pairs' || name === 'space') ? 'plane' : name,
      axes: dimension < 3 ? [0, 1, 1] : fits && new Set(axes).size === 3 ? axes : [0, 1, 2],
    };
  }

  #setView(view: ViewSettings): void {
    const [a, b] = this.#view.axes;
    const moved = view.axes[0] !== a || view.axes[1] !== b;
    this.#view = view;
    this.#tabs.show(view.name, this.#settings.dimension);
    byId('plot').dataset.view = view.name;
    if (moved) this.#relief = undefined;
    this.#refreshScene();
    this.#stage.setOptions({ ...view, mostSamples: this.#mostSamples });
    if (moved) this.#slice().catch((error) => this.#fail(error));
  }

  // What the page says

  #runningText(session: Session): string {
    const { particles } = session;
    if (!this.#software || particles < 2 ** 15) return 'Running';
    return `Running ${whole(particles)} particles on a software adapter; a GPU starts this scene with a million.`;
  }

  /** The state between actions. */
  #rest(): void {
    const session = this.#session;
    if (!session) return;
    const { iteration, stopReasons } = session.snapshot;
    const [phase, text]: [Phase, string] = session.ended
      ? ['ended', `Done: ${stopReasons.join(', ')}.`]
      : ['paused', iteration === 0 ? 'Ready' : 'Paused'];
    this.#transport.show(phase, text);
  }

  #message(text: string | undefined): void {
    const message = byId('message');
    message.hidden = text === undefined;
    message.textContent = text ?? '';
  }

  #fail(error: unknown): void {
    this.#running = false;
    this.#loop++;
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
    if (name === 'AdapterError') {
      this.#unavailable(error);
      return;
    }
    if (name === 'ShaderError') {
      const { line, column } = error as ShaderError;
      this.#objective.mark({ line: Math.max(1, line), column: Math.max(1, column), message });
    }
    this.#message(message);
    this.#transport.show('failed', 'Stopped by an error. Stop starts anew.');
  }

  #unavailable(error: unknown): void {
    byId('unavailable').hidden = false;
    byId('unavailable-reason').textContent = error instanceof Error ? error.message : String(error);
    this.#transport.show('unavailable', 'No WebGPU');
  }
}

const builtInText = ({ problem, dimension }: Settings): string => entryOf(problem).at(dimension).text;

/** What a landscape and its modes depend on. */
const targetKey = ({ problem, dimension, text, sense, lower, upper, goal }: Settings): string =>
  JSON.stringify([problem, dimension, text, sense, lower, upper, goal]);
