/** The objective's text and what the compiler says of it: a text that compiles is handed on, one that does not is marked. */
import { findMistake, type Mistake } from './check.ts';
import { byId } from './dom.ts';
import { Editor } from './editor.ts';
import type { Settings } from './settings.ts';

export interface ObjectiveActions {
  /** The settings that a text would make. */
  settingsWith(text: string): Settings;
  /** What compiles it; undefined before there is a device. */
  device(): GPUDevice | undefined;
  /** A text that compiles. */
  accept(settings: Settings): void;
  /** Back to the built-in text. */
  reset(): void;
}

export class ObjectivePanel {
  readonly #editor = new Editor(byId('editor'), (text) => this.#edited(text));
  readonly #line = byId('mistake');
  readonly #reset = byId('reset-text');
  readonly #actions: ObjectiveActions;
  /** Grows with every text that is checked: an older one's answer is dropped. */
  #edits = 0;

  constructor(actions: ObjectiveActions) {
    this.#actions = actions;
    this.#reset.addEventListener('click', () => actions.reset());
  }

  show({ text, edited }: { text: string; edited: boolean }): void {
    if (text !== this.#editor.text) this.#edits++;
    this.#editor.text = text;
    this.#reset.hidden = !edited;
  }

  mark(mistake: Mistake | undefined): void {
    this.#editor.mistake = mistake;
    this.#line.hidden = !mistake;
    this.#line.textContent = mistake ? `Line ${mistake.line}: ${mistake.message}` : '';
  }

  async #edited(text: string): Promise<void> {
    const mine = ++this.#edits;
    const settings = this.#actions.settingsWith(text);
    const device = this.#actions.device();
    const mistake = device && (await findMistake(device, settings));
    if (mine !== this.#edits || text !== this.#editor.text) return;
    this.mark(mistake);
    if (!mistake) this.#actions.accept(settings);
  }
}
