/** The tabs that choose a view: by pointer, or by arrow keys. */
import type { ViewName } from './views/stage.ts';

export class ViewTabs {
  readonly #tabs: readonly HTMLButtonElement[];

  constructor(bar: HTMLElement, chosen: (name: ViewName) => void) {
    this.#tabs = [...bar.querySelectorAll<HTMLButtonElement>('[data-view]')];
    for (const tab of this.#tabs) tab.addEventListener('click', () => chosen(tab.dataset.view as ViewName));
    bar.addEventListener('keydown', (event) => this.#move(event));
  }

  /** Views of three axes are there for problems that have them. */
  show(selected: ViewName, dimension: number): void {
    for (const tab of this.#tabs) {
      const name = tab.dataset.view as ViewName;
      tab.setAttribute('aria-selected', String(name === selected));
      tab.tabIndex = name === selected ? 0 : -1;
      tab.disabled = dimension < 3 && (name === 'pairs' || name === 'space');
    }
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tabs = this.#tabs.filter(({ disabled }) => !disabled);
    const at = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
    const next = tabs[(at + step + tabs.length) % tabs.length]!;
    next.focus();
    next.click();
  }
}
