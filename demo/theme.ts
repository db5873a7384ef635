/** Light or dark: the system's choice until the visitor makes one, which is kept. */

type Choice = 'light' | 'dark';
const KEY = 'modescape-theme';
const query = matchMedia('(prefers-color-scheme: dark)');

export class Theme {
  readonly #listeners: (() => void)[] = [];
  #choice: Choice | undefined;

  constructor(button: HTMLButtonElement) {
    const kept = readKept();
    this.#choice = kept === 'light' || kept === 'dark' ? kept : undefined;
    const show = () => {
      if (this.#choice) document.documentElement.dataset.theme = this.#choice;
      button.setAttribute('aria-pressed', String(this.isDark));
      button.title = this.isDark ? 'Use light colours' : 'Use dark colours';
      for (const listener of this.#listeners) listener();
    };
    button.addEventListener('click', () => {
      this.#choice = this.isDark ? 'light' : 'dark';
      keep(this.#choice);
      show();
    });
    query.addEventListener('change', show);
    show();
  }

  get isDark(): boolean {
    return this.#choice ? this.#choice === 'dark' : query.matches;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

// Storage may be forbidden; the choice then lasts as long as the page.
function readKept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {}
}
