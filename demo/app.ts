/** The page: settings start a session, the buttons move it on, every frame is drawn, and what it says is written down. */
import { gpuFor } from '../src/api/search-options.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { ShaderError } from '../src/gpu/errors.ts';
import type { SearchResult, TraceRow } from '../src/index.ts';
import { Display } from './display.ts';
import { byId } from './dom.ts';
import { linkOf, type ReadLink, readLink } from './link.ts';
import { whole } from './numbers.ts';
import { ObjectivePanel } from './objective-panel.ts';
import { Pace } from './pace.ts';
import { Panel, type ViewSettings } from './panel.ts';
import { ProblemPicker, sameSettings } from './problem-picker.ts';
import { scenesFor } from './scenes.ts';
import { type Frame, Session } from './session.ts';
import { changed, complaintOf, entryOf, MOST_PARTICLES, type Settings, settingsFor, subjectOf } from './settings.ts';
import { offerTakeaways } from './takeaways.ts';
import { findModes } from './target.ts';
import { Theme } from './theme.ts';
import { type Phase, Transport } from './transport.ts';
import { ViewTabs } from './view-tabs.ts';

/** Frames under way at once: a GPU computes one while the last one's readback is on its way; a CPU gains nothing. */
const IN_FLIGHT = { hardware: 2, software: 1 } as const;
export class App {
  readonly #theme = new Theme(byId<HTMLButtonElement>('theme'));
  readonly #transport = new Transport({
    start: () => this.#run(),
    pause: () => this.#pause(),
    step: () => this.#step(),
    stop: () => this.#restart(false),
    find: () => this.#find(),
  });
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
  readonly #display: Display;

  #view: ViewSettings = { name: 'plane', axes: [0, 1, 2], samples: true, trails: true, ellipses: true, iterationsPerFrame: 1 };
  #settings: Settings = settingsFor('himmelblau');
  #gpu: Gpu | undefined;
  #session: Session | undefined;
  #pace = new Pace();
  #trace: TraceRow[] = [];
  #found: SearchResult | undefined;
  #begun = 0;
  /** What the landscape and the modes shown belong to. */
  #target = '';
  #searching: AbortController | undefined;
  #running = false;
  /** Grows with every start, so that a start or a search that was overtaken drops its result. */
  #generation = 0;
  /** Grows whenever the running state changes: the loop of an older number ends. */
  #loop = 0;

  constructor() {
    this.#display = new Display(this.#theme, { settings: this.#settings, session: undefined, found: undefined }, this.#view);
    offerTakeaways(byId<HTMLButtonElement>('share'), document.querySelectorAll<HTMLButtonElement>('[data-export]'), {
      run: () => {
        const session = this.#session;
        const seconds = (performance.now() - this.#begun) / 1000;
        return session && { settings: session.settings, snapshot: session.snapshot, trace: this.#trace, found: this.#found, seconds };
      },
      picture: () => this.#display.picture(),
      say: (text) => this.#transport.status(text),
    });
    addEventListener('hashchange', () => this.#readLink());
  }

  async open(): Promise<void> {
    try {
      this.#gpu = await gpuFor({});
    } catch (error) {
      return this.#fail(error);
    }
    this.#picker.offer(scenesFor(this.#software));
    this.#display.adapter(this.#gpu.adapter);
    const linked = readLink(location.hash);
    if (linked) await this.#follow(linked);
    else await this.#show(this.#settings, false);
  }

  get #software(): boolean {
    return this.#gpu?.adapter.software ?? false;
  }

  // Settings

  #readLink(): void {
    const linked = readLink(location.hash);
    if (linked && (linked.complaints.length > 0 || !sameSettings(linked.settings, this.#settings))) this.#follow(linked);
  }

  async #follow({ settings, complaints }: ReadLink): Promise<void> {
    await this.#show(settings, false);
    if (complaints.length > 0) this.#message(`Parts of the link could not be used: ${complaints.join('; ')}.`);
  }

  #change(changes: Partial<Settings>): void {
    const settings = this.#changed(changes);
    if (typeof settings === 'string') {
      this.#message(settings);
      this.#panel.show(this.#settings, this.#view);
      return;
    }
    if (sameSettings(settings, this.#settings)) return;
    this.#show(settings, this.#running);
  }

  /** Why not, where they cannot be used. */
  #changed(changes: Partial<Settings>): Settings | string {
    try {
      const settings = changed(this.#settings, changes);
      const most = MOST_PARTICLES / Math.max(settings.components, settings.capacity ?? 0);
      if (settings.samples > most) settings.samples = 2 ** Math.floor(Math.log2(most));
      return complaintOf(settings) ?? settings;
    } catch (error) {
      return `${(error as Error).message}.`;
    }
  }

  /** Takes settings on: the controls, the editor and the link follow, and the run starts anew. */
  #show(settings: Settings, thenRun: boolean): Promise<void> {
    // A text may have lost its gradient, or gained one.
    this.#settings = changed(settings, {});
    const subject = subjectOf(this.#settings);
    this.#objective.show(subject);
    this.#picker.show(this.#settings);
    byId('problem-title').textContent =
      `${subject.title.replace(/\.$/, '')}. ${subject.sense === 'maximize' ? 'Maximised' : 'Minimised'}, d = ${settings.dimension}.`;
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
    const old = this.#session;
    this.#session = undefined;
    const sameTarget = this.#target === targetKey(settings);
    this.#target = targetKey(settings);
    if (!sameTarget) this.#found = undefined;
    this.#display.restart({ settings, session: undefined, found: this.#found }, sameTarget);
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
      this.#display.restart({ settings, session: made, found: this.#found }, true);
      this.#setView(this.#view);
      this.#refresh(true);
      if (!this.#display.hasRelief) await this.#display.slice(this.#gpu);
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
    let drawn = session.frames;
    while (mine === this.#loop && !session.ended) {
      await new Promise(requestAnimationFrame);
      if (mine !== this.#loop) break;
      if (session.frames !== drawn) {
        drawn = session.frames;
        this.#display.draw();
      }
      if (session.inFlight >= most) continue;
      // The picture is handed on before more work queues up, or it would be shown when that is done.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (mine === this.#loop) this.#advance(session, this.#pace.iterations(this.#view.iterationsPerFrame));
    }
    if (mine !== this.#loop) return;
    await session.settled();
    if (mine !== this.#loop) return;
    this.#running = false;
    this.#refresh(true);
    this.#rest();
    this.#sliceAnew();
  }

  /** One frame; never rejects. */
  async #advance(session: Session, iterations: number): Promise<void> {
    const before = performance.now();
    try {
      const frame = await session.advance(iterations);
      if (session !== this.#session) return;
      this.#pace.record({
        iterations: frame.iterations,
        evaluations: frame.evaluations,
        elapsed: performance.now() - before,
        gpu: frame.gpuMilliseconds,
      });
      this.#take(frame);
    } catch (error) {
      if (session === this.#session) this.#fail(error);
    }
  }

  #take({ rows }: Frame): void {
    this.#trace.push(...rows);
    this.#display.trace(rows);
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
    this.#sliceAnew();
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
      this.#display.found(result);
      this.#refresh(true);
      this.#rest();
      this.#transport.status(result.message);
      this.#sliceAnew();
    } catch (error) {
      if (mine !== this.#generation) return;
      this.#searching = undefined;
      this.#fail(error);
    }
  }

  // What is shown

  #refresh(complete: boolean): void {
    this.#display.refresh(this.#pace, complete);
  }

  /** The best point has moved, and with it the slice through it, where there is more than the plane. */
  #sliceAnew(): void {
    if (this.#settings.dimension > 2 && this.#gpu) this.#display.slice(this.#gpu).catch((error) => this.#fail(error));
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
    this.#display.setView(view);
    if (moved && this.#session) this.#sliceAnew();
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
      this.#unavailable();
      return;
    }
    if (name === 'ShaderError') {
      const { line, column } = error as ShaderError;
      this.#objective.mark({ line: Math.max(1, line), column: Math.max(1, column), message });
    }
    this.#message(message);
    this.#transport.show('failed', 'Stopped by an error. Stop starts anew.');
  }

  #unavailable(): void {
    byId('unavailable').hidden = false;
    byId('unavailable-reason').textContent =
      'gpu' in navigator && navigator.gpu
        ? 'WebGPU is here, but it found no adapter: a graphics driver is missing, or the GPU is on the browser\u2019s block list.'
        : 'This browser offers no WebGPU.';
    this.#transport.show('unavailable', 'No WebGPU');
  }
}

const builtInText = ({ problem, dimension }: Settings): string => entryOf(problem).at(dimension).text;

/** What a landscape and its modes depend on. */
const targetKey = ({ problem, dimension, text, sense, lower, upper, goal }: Settings): string =>
  JSON.stringify([problem, dimension, text, sense, lower, upper, goal]);
