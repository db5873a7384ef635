/** The buttons that move a run on, and the line that says what the page is doing. */
import { byId } from './dom.ts';

/** What the page is doing: it decides which buttons can be pressed. */
export type Phase = 'starting' | 'paused' | 'running' | 'ended' | 'searching' | 'failed' | 'unavailable';

type Button = 'start' | 'pause' | 'step' | 'stop' | 'find';

const names: readonly Button[] = ['start', 'pause', 'step', 'stop', 'find'];

const enabled: Record<Phase, readonly Button[]> = {
  starting: [],
  paused: ['start', 'step', 'stop', 'find'],
  running: ['pause', 'stop', 'find'],
  ended: ['start', 'stop', 'find'],
  searching: ['find'],
  failed: ['stop'],
  unavailable: [],
};

export class Transport {
  readonly #buttons = Object.fromEntries(names.map((name) => [name, byId<HTMLButtonElement>(name)])) as Record<Button, HTMLButtonElement>;
  readonly #status = byId('status');
  #focusDue = false;

  constructor(actions: Record<Button, () => void>) {
    for (const name of names) this.#buttons[name].addEventListener('click', () => actions[name]());
  }

  /** `text` is read out by screen readers: for what happens now and then, not in every frame. */
  show(phase: Phase, text: string): void {
    const focused = document.activeElement;
    for (const name of names) this.#buttons[name].disabled = !enabled[phase].includes(name);
    this.#buttons.find.textContent = phase === 'searching' ? 'Stop searching' : 'Find all modes';
    this.#buttons.start.textContent = phase === 'ended' ? 'Start again' : 'Start';
    // A button that goes out of use under the finger hands its focus on.
    if (focused instanceof HTMLButtonElement && focused.disabled && names.includes(focused.id as Button)) this.#focusDue = true;
    const next = enabled[phase][0];
    if (this.#focusDue && next) {
      this.#focusDue = false;
      this.#buttons[next].focus();
    }
    document.body.dataset.phase = phase;
    this.status(text);
  }

  status(text: string): void {
    this.#status.textContent = text;
  }
}
