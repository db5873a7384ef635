/** The list of problems: headline scenes first, then what is built in by kind, then the visitor's own. */
import { catalogue, type Group } from './catalogue.ts';
import type { Scene } from './scenes.ts';
import type { Settings } from './settings.ts';

const groups: readonly Group[] = ['Optimisation', 'Posteriors', 'Inverse problems', 'Your own'];

export class ProblemPicker {
  readonly #select: HTMLSelectElement;
  #scenes: readonly Scene[] = [];

  constructor(select: HTMLSelectElement, picked: (choice: { problem: string } | { scene: Scene }) => void) {
    this.#select = select;
    select.addEventListener('change', () => {
      const scene = this.#scenes.find(({ name }) => name === select.value);
      picked(scene ? { scene } : { problem: select.value });
    });
    this.offer([]);
  }

  offer(scenes: readonly Scene[]): void {
    this.#scenes = scenes;
    const sceneGroup = group('Headline scenes', scenes);
    const others = groups.map((name) =>
      group(
        name,
        catalogue.filter((entry) => entry.group === name),
      ),
    );
    this.#select.replaceChildren(...(scenes.length > 0 ? [sceneGroup] : []), ...others);
  }

  show(settings: Settings): void {
    const scene = this.#scenes.find((candidate) => sameSettings(candidate.settings, settings));
    this.#select.value = scene?.name ?? settings.problem;
  }
}

function group(label: string, entries: readonly { name: string; title: string }[]): HTMLOptGroupElement {
  const element = document.createElement('optgroup');
  element.label = label;
  element.append(...entries.map(({ name, title }) => new Option(title.length > 64 ? `${title.slice(0, 62)}…` : title, name)));
  return element;
}

export const sameSettings = (a: Settings, b: Settings): boolean =>
  (Object.keys({ ...a, ...b }) as (keyof Settings)[]).every((name) => a[name] === b[name]);
