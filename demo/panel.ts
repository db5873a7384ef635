/** Parameters as controls with ranges and units. What a run depends on and what only the picture depends on are told apart. */
import GUI, { type Controller } from 'lil-gui';
import { axisName } from './numbers.ts';
import { type Estimator, entryOf, estimatorsOf, MOST_PARTICLES, ranges, type Settings, subjectOf } from './settings.ts';
import type { ViewOptions } from './views/stage.ts';

export interface ViewSettings extends Omit<ViewOptions, 'mostSamples'> {
  /** At most; fewer where they take longer than a frame may. */
  iterationsPerFrame: number;
}

export interface PanelActions {
  settings(changes: Partial<Settings>): void;
  view(changes: Partial<ViewSettings>): void;
}

const estimatorNames: Record<Estimator, string> = {
  auto: 'Automatic',
  stein: 'Stein (gradients)',
  hessian: 'Hessian (curvatures)',
  score: 'Score (values)',
  ranked: 'Ranked (order of values)',
};

const powersOfTwo = (most: number): number[] => Array.from({ length: Math.floor(Math.log2(most)) }, (_, i) => 2 ** (i + 1));

export class Panel {
  readonly #parent: HTMLElement;
  readonly #actions: PanelActions;
  #gui: GUI | undefined;

  constructor(parent: HTMLElement, actions: PanelActions) {
    this.#parent = parent;
    this.#actions = actions;
  }

  /** Builds the controls anew: which there are depends on the problem. Focus stays where it was. */
  show(settings: Settings, view: ViewSettings): void {
    const focused = document.activeElement?.closest<HTMLElement>('[data-setting]')?.dataset.setting;
    const open = this.#gui?.folders.map((folder) => !folder._closed);
    this.#gui?.destroy();
    const gui = new GUI({ container: this.#parent, title: 'Parameters', width: 0 });
    this.#gui = gui;
    gui.domElement.style.removeProperty('--width');
    this.#addProblem(gui, settings);
    this.#addMethod(gui, settings);
    this.#addView(gui, settings, view);
    gui.folders.forEach((folder, i) => {
      if (open?.[i] === false) folder.close();
    });
    if (focused) gui.domElement.querySelector<HTMLElement>(`[data-setting="${focused}"] :is(input, select)`)?.focus();
  }

  #addProblem(gui: GUI, settings: Settings): void {
    const { dimensions } = entryOf(settings.problem);
    const own = settings.problem === 'own';
    if (dimensions.min === dimensions.max && !own) return;
    const folder = gui.addFolder('Problem');
    const values = { ...settings, lower: settings.lower ?? -6, upper: settings.upper ?? 6 };
    if (dimensions.min < dimensions.max) {
      const { min, max } = dimensions;
      this.#setting(folder.add(values, 'dimension', min, Math.max(max, min + 1), 1), 'dimension', 'Dimensions');
    }
    if (!own) return;
    this.#setting(folder.add(values, 'sense', { Minimise: 'minimize', Maximise: 'maximize' }), 'sense', 'Sense');
    this.#setting(folder.add(values, 'lower'), 'lower', 'Box from');
    this.#setting(folder.add(values, 'upper'), 'upper', 'Box to');
  }

  #addMethod(gui: GUI, settings: Settings): void {
    const folder = gui.addFolder('Method');
    const subject = subjectOf(settings);
    const values = { ...settings, rate: settings.rate ?? 0.3 };
    if (subject.density) {
      const goals = { 'Find modes': 'modes', 'Fit the posterior': 'posterior' };
      this.#setting(folder.add(values, 'goal', goals), 'goal', 'Goal');
    }
    const estimators = Object.fromEntries(estimatorsOf(subject).map((name) => [estimatorNames[name], name]));
    this.#setting(folder.add(values, 'estimator', estimators), 'estimator', 'Estimator');
    const { components, cooling, weightRate, seed } = ranges;
    this.#setting(folder.add(values, 'components', components.min, components.max, 1), 'components', 'Components K');
    const choices = [...new Set([...powersOfTwo(Math.min(ranges.samples.max, MOST_PARTICLES / settings.components)), settings.samples])];
    this.#setting(
      folder.add(
        values,
        'samples',
        choices.sort((a, b) => a - b),
      ),
      'samples',
      'Samples / component',
    );
    this.#setting(folder.add(values, 'cooling', cooling.min, cooling.max, 0.005), 'cooling', 'Cooling / sd(f)');
    this.#setting(folder.add(values, 'rate', ranges.rate.min, ranges.rate.max, 0.01), 'rate', 'Step size η');
    this.#setting(folder.add(values, 'weightRate', weightRate.min, weightRate.max, 0.01), 'weightRate', 'Weight step / η');
    this.#setting(folder.add(values, 'seed', seed.min, seed.max, 1), 'seed', 'Seed');
  }

  #addView(gui: GUI, { dimension }: Settings, view: ViewSettings): void {
    const folder = gui.addFolder('View');
    const values = { ...view, first: view.axes[0], second: view.axes[1], third: view.axes[2] };
    if (dimension > 2) {
      const axes = Object.fromEntries(Array.from({ length: dimension }, (_, axis) => [axisName(axis), axis]));
      const names = ['first', 'second', 'third'] as const;
      names.forEach((name, i) => {
        const label = ['Across', 'Up', 'Depth'][i]!;
        const controller = folder.add(values, name, axes).name(label);
        controller.onChange(() => this.#actions.view({ axes: [values.first, values.second, values.third] }));
        controller.domElement.dataset.setting = name;
      });
    }
    for (const [name, label] of [
      ['samples', 'Samples'],
      ['trails', 'Trails'],
      ['ellipses', 'Ellipses'],
    ] as const) {
      this.#view(folder.add(values, name), name, label);
    }
    this.#view(folder.add(values, 'iterationsPerFrame', 1, 64, 1), 'iterationsPerFrame', 'Iterations / frame');
  }

  #setting(controller: Controller, name: keyof Settings, label: string): void {
    controller.name(label).onFinishChange((value: unknown) => this.#actions.settings({ [name]: value }));
    controller.domElement.dataset.setting = name;
  }

  #view(controller: Controller, name: keyof ViewSettings, label: string): void {
    controller.name(label).onChange((value: unknown) => this.#actions.view({ [name]: value }));
    controller.domElement.dataset.setting = name === 'samples' ? 'showSamples' : name;
  }
}
