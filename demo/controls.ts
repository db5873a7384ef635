/** The page's form, buttons and read-outs. Reads and writes the DOM; knows nothing of solvers or canvases. */
import type { AdapterDescription, Mode, SearchResult, Snapshot } from '../src/index.ts';
import {
  defaultSettings,
  defaultView,
  type Estimator,
  estimatorsOf,
  planarProblem,
  planarProblems,
  type Settings,
  type View,
} from './state.ts';

/** What the page is doing: it decides which buttons can be pressed. */
export type Phase = 'starting' | 'paused' | 'running' | 'ended' | 'searching' | 'failed' | 'unavailable';

export interface Actions {
  run(): void;
  pause(): void;
  step(): void;
  restart(): void;
  /** Starts the search for all modes, or stops it. */
  find(): void;
  /** Settings that a run depends on have changed. */
  settings(): void;
  /** What the picture shows has changed. */
  view(): void;
}

const estimatorNames: Record<Estimator, string> = {
  stein: 'Stein (gradients)',
  hessian: 'Hessian (curvatures)',
  score: 'Score (values)',
  ranked: 'Ranked (order of values)',
};

function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

const inputs = {
  problem: byId<HTMLSelectElement>('problem'),
  components: byId<HTMLInputElement>('components'),
  samples: byId<HTMLInputElement>('samples'),
  cooling: byId<HTMLInputElement>('cooling'),
  estimator: byId<HTMLSelectElement>('estimator'),
  seed: byId<HTMLInputElement>('seed'),
  pace: byId<HTMLInputElement>('pace'),
  showSamples: byId<HTMLInputElement>('show-samples'),
  showTrails: byId<HTMLInputElement>('show-trails'),
};

const buttons = {
  run: byId<HTMLButtonElement>('run'),
  pause: byId<HTMLButtonElement>('pause'),
  step: byId<HTMLButtonElement>('step'),
  restart: byId<HTMLButtonElement>('restart'),
  find: byId<HTMLButtonElement>('find'),
};

const enabled: Record<Phase, readonly (keyof typeof buttons)[]> = {
  starting: [],
  paused: ['run', 'step', 'restart', 'find'],
  running: ['pause', 'restart', 'find'],
  ended: ['run', 'restart', 'find'],
  searching: ['find'],
  failed: ['restart'],
  unavailable: [],
};

export class Controls {
  #settings: Settings = { ...defaultSettings };
  #focusDue = false;

  constructor(actions: Actions) {
    inputs.problem.replaceChildren(...planarProblems.map(({ name }) => new Option(name, name)));
    this.#write();
    inputs.pace.value = String(defaultView.iterationsPerFrame);
    inputs.showSamples.checked = defaultView.samples;
    inputs.showTrails.checked = defaultView.trails;
    this.#label();

    const form = byId<HTMLFormElement>('settings');
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', () => this.#label());
    form.addEventListener('change', ({ target }) => {
      if (target === inputs.pace || target === inputs.showSamples || target === inputs.showTrails) return actions.view();
      if (!form.reportValidity()) return;
      this.#settings = this.#read();
      this.#write();
      this.#label();
      actions.settings();
    });
    for (const name of Object.keys(buttons) as (keyof typeof buttons)[]) buttons[name].addEventListener('click', () => actions[name]());
  }

  get settings(): Settings {
    return { ...this.#settings };
  }

  get view(): View {
    return { iterationsPerFrame: inputs.pace.valueAsNumber, samples: inputs.showSamples.checked, trails: inputs.showTrails.checked };
  }

  /** `text` is read out by screen readers: for what happens now and then, not in every frame. */
  phase(phase: Phase, text: string): void {
    document.body.dataset.phase = phase;
    const focused = document.activeElement;
    for (const [name, button] of Object.entries(buttons)) button.disabled = !enabled[phase].includes(name as keyof typeof buttons);
    buttons.run.textContent = phase === 'ended' ? 'Run again' : 'Run';
    buttons.find.textContent = phase === 'searching' ? 'Stop search' : 'Find all modes';
    // A pressed button that goes out of use hands the keyboard's focus on, if need be when the next one comes into use.
    if (focused instanceof HTMLButtonElement && focused.disabled) this.#focusDue = true;
    const next = Object.values(buttons).find((button) => !button.disabled);
    if (this.#focusDue && next) {
      if (focused === document.body || (focused instanceof HTMLButtonElement && focused.disabled)) next.focus();
      this.#focusDue = false;
    }
    this.status(text);
  }

  status(text: string): void {
    byId('status').textContent = text;
  }

  /** An error, or nothing. */
  problem(text: string | undefined): void {
    const message = byId('problem-message');
    message.hidden = !text;
    message.textContent = text ?? '';
  }

  progress({ iteration, evaluations, temperature, best }: Snapshot): void {
    byId('iteration').textContent = String(iteration);
    byId('evaluations').textContent = evaluations.toLocaleString('en');
    byId('temperature').textContent = number(temperature);
    byId('best').textContent = iteration > 0 ? number(best.value) : '–';
    byId('best-point').textContent = iteration > 0 ? `(${best.x.map((x) => number(x, 4)).join(', ')})` : '–';
  }

  adapter({ vendor, architecture, description, software }: AdapterDescription): void {
    const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed';
    byId('adapter').textContent = software ? `${name} (software)` : name;
  }

  modes(result: SearchResult | undefined): void {
    byId('modes').hidden = !result;
    if (!result) return;
    const { evaluations, seconds } = result;
    byId('modes-summary').textContent =
      `${result.message}. ${evaluations.toLocaleString('en')} evaluations, ${seconds.total.toFixed(2)} s. Global ones in bold.`;
    byId('modes')
      .querySelector('tbody')
      ?.replaceChildren(...result.modes.map(modeRow));
  }

  #read(): Settings {
    const problem = planarProblem(inputs.problem.value);
    const estimator = inputs.estimator.value as Settings['estimator'];
    return {
      problem: problem.name,
      components: inputs.components.valueAsNumber,
      samples: 2 ** inputs.samples.valueAsNumber,
      cooling: Number((10 ** inputs.cooling.valueAsNumber).toPrecision(2)),
      estimator: estimator !== 'auto' && estimatorsOf(problem).includes(estimator) ? estimator : 'auto',
      seed: inputs.seed.valueAsNumber,
    };
  }

  #write(): void {
    const { problem, components, samples, cooling, estimator, seed } = this.#settings;
    const chosen = planarProblem(problem);
    const possible = estimatorsOf(chosen);
    inputs.problem.value = problem;
    byId('problem-title').textContent = `${chosen.title}; ${chosen.sense}d.`;
    inputs.components.value = String(components);
    inputs.samples.value = String(Math.log2(samples));
    inputs.cooling.value = String(Math.log10(cooling));
    inputs.estimator.replaceChildren(
      new Option(`Automatic: ${possible.includes('stein') ? 'Stein' : 'Score'}`, 'auto'),
      ...(Object.keys(estimatorNames) as Estimator[]).map((name) => {
        const option = new Option(estimatorNames[name], name);
        option.disabled = !possible.includes(name);
        return option;
      }),
    );
    inputs.estimator.value = estimator;
    inputs.seed.value = String(seed);
  }

  /** What the sliders stand at. */
  #label(): void {
    const { components, samples, cooling } = this.#read();
    const texts: [HTMLInputElement, string][] = [
      [inputs.components, String(components)],
      [inputs.samples, String(samples)],
      [inputs.cooling, String(cooling)],
      [inputs.pace, inputs.pace.value],
    ];
    for (const [input, text] of texts) {
      input.setAttribute('aria-valuetext', text);
      const output = input.parentElement?.querySelector('output');
      if (output) output.textContent = text;
    }
  }
}

function modeRow({ x, value, global }: Mode, i: number): HTMLTableRowElement {
  const row = document.createElement('tr');
  if (global) row.className = 'global';
  for (const text of [String(i + 1), number(x[0]!, 5), number(x[1]!, 5), number(Math.abs(value) < 1e-12 ? 0 : value, 5)])
    row.insertCell().textContent = text;
  return row;
}

/** A number for people: some digits, a true minus sign. */
function number(value: number, digits = 4): string {
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(digits - 2) : String(Number(value.toPrecision(digits)));
  return text.replaceAll('-', '\u2212');
}
