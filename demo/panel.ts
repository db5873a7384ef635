/** Parameters as controls with ranges and units. What a run depends on and what only the picture depends on are told apart. */
import GUI, { type Controller } from 'lil-gui';
import { gmmviModules } from '../src/method/gmmvi.ts';
import { aboutFamily, type Estimator, familyOf, methodsFor, misfitOf, titleOf } from './methods.ts';
import { axisName } from './numbers.ts';
import { type Parameter, parametersOf, rangeOf } from './parameters.ts';
import { entryOf, estimatorsOf, MOST_PARTICLES, type Settings, subjectOf } from './settings.ts';
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

const MODULES = 'Modules';

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
    const closed = new Map(this.#gui?.foldersRecursive().map((folder) => [folder._title, folder._closed]));
    this.#gui?.destroy();
    const gui = new GUI({ container: this.#parent, title: 'Parameters', width: 0 });
    this.#gui = gui;
    gui.domElement.style.removeProperty('--width');
    this.#addProblem(gui, settings);
    this.#addMethod(gui, settings);
    this.#addView(gui, settings, view);
    for (const folder of gui.foldersRecursive()) {
      if (closed.get(folder._title) ?? folder._title === MODULES) folder.close();
    }
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
      this.#setting(folder.add(values, 'dimension', min, Math.max(max, min + 1), 1), 'dimension', 'Dimensions', `${min} to ${max}`);
    }
    if (!own) return;
    const senses = { Minimise: 'minimize', Maximise: 'maximize' };
    this.#setting(folder.add(values, 'sense', senses), 'sense', 'Sense', 'What is maximised may be a log density');
    this.#setting(folder.add(values, 'lower'), 'lower', 'Box from', 'On every axis');
    this.#setting(folder.add(values, 'upper'), 'upper', 'Box to', 'On every axis');
  }

  #addMethod(gui: GUI, settings: Settings): void {
    const folder = gui.addFolder('Method');
    const subject = subjectOf(settings);
    const { method } = settings;
    const family = familyOf(method);
    const values = { ...settings };
    const methods = Object.fromEntries(methodsFor(subject, method).map((name) => [titleOf(name), name]));
    this.#setting(folder.add(values, 'method', methods), 'method', 'Method', aboutFamily[family]);
    if (family === 'gmmvi') this.#addModules(folder, settings);
    if (family === 'nva') {
      const goals = { 'Find modes': 'modes', 'Fit the posterior': 'posterior' };
      if (subject.density)
        this.#setting(folder.add(values, 'goal', goals), 'goal', 'Goal', 'Cool until each component sits on a mode, or to temperature 1');
      const estimators = Object.fromEntries(estimatorsOf(subject).map((name) => [estimatorNames[name], name]));
      this.#setting(folder.add(values, 'estimator', estimators), 'estimator', 'Estimator', 'What natural gradients are made of');
    }
    for (const parameter of parametersOf(method)) {
      if (parameter.name === 'samples') this.#addSamples(folder, values, parameter);
      else this.#addParameter(folder, values, parameter);
    }
    const { min, max } = rangeOf.seed;
    this.#setting(folder.add(values, 'seed', min, max, 1), 'seed', 'Seed', 'The same seed gives the same run');
  }

  #addParameter(folder: GUI, values: Settings, { name, label, about, min, max, whole }: Parameter): void {
    const step = whole ? 1 : 10 ** Math.floor(Math.log10(max / 200));
    const range = `${min} to ${max}`;
    this.#setting(folder.add(values, name, min, max, Math.min(step, min || step)), name, label, `${about}: ${range}`);
  }

  /** Powers of two, and what is set. */
  #addSamples(folder: GUI, values: Settings, { name, label, about, max }: Parameter): void {
    const most = Math.min(max, MOST_PARTICLES / Math.max(values.components, values.capacity ?? 0));
    const choices = [...new Set([...powersOfTwo(most), values.samples])].sort((a, b) => a - b);
    this.#setting(folder.add(values, name, choices), name, label, about);
  }

  /** A GMMVI code, letter by letter. */
  #addModules(folder: GUI, settings: Settings): void {
    const modules = folder.addFolder(MODULES);
    const { method } = settings;
    gmmviModules.forEach(({ module, letters }, i) => {
      const codes = Object.entries(letters).map(([letter, what]) => [
        `${letter}: ${what}`,
        method.slice(0, i) + letter + method.slice(i + 1),
      ]);
      const possible = codes.filter(([, code]) => misfitOf(code!, subjectOf(settings)) === undefined);
      const controller = modules.add({ code: method }, 'code', Object.fromEntries(possible));
      const label = module[0]!.toUpperCase() + module.slice(1);
      controller.name(label).onChange((code: string) => this.#actions.settings({ method: code }));
      tag(controller, `module${i + 1}`, `Letter ${i + 1} of ${method}`);
    });
  }

  #addView(gui: GUI, { dimension }: Settings, view: ViewSettings): void {
    const folder = gui.addFolder('View');
    const values = { ...view, first: view.axes[0], second: view.axes[1], third: view.axes[2] };
    if (dimension > 2) {
      const axes = Object.fromEntries(Array.from({ length: dimension }, (_, axis) => [axisName(axis), axis]));
      const names = ['first', 'second', 'third'] as const;
      names.forEach((axis, i) => {
        const label = ['Across', 'Up', 'Depth'][i]!;
        const controller = folder.add(values, axis, axes).name(label);
        controller.onChange(() => this.#actions.view({ axes: [values.first, values.second, values.third] }));
        tag(controller, axis, `Axis ${i + 1} of plane, pairs and 3-D`);
      });
    }
    for (const [setting, label, about] of [
      ['samples', 'Samples', 'Where the objective was evaluated last'],
      ['trails', 'Trails', 'Where means have been'],
      ['ellipses', 'Ellipses', 'One and two standard deviations'],
    ] as const) {
      this.#view(folder.add(values, setting), setting, label, about);
    }
    const about = '1 to 64; fewer where they take longer than a frame';
    this.#view(folder.add(values, 'iterationsPerFrame', 1, 64, 1), 'iterationsPerFrame', 'Iterations / frame', about);
  }

  #setting(controller: Controller, setting: keyof Settings, label: string, about: string): void {
    controller.name(label).onFinishChange((value: unknown) => this.#actions.settings({ [setting]: value }));
    tag(controller, setting, about);
  }

  #view(controller: Controller, setting: keyof ViewSettings, label: string, about: string): void {
    controller.name(label).onChange((value: unknown) => this.#actions.view({ [setting]: value }));
    tag(controller, setting === 'samples' ? 'showSamples' : setting, about);
  }
}

function tag({ domElement }: Controller, setting: string, about: string): void {
  domElement.dataset.setting = setting;
  domElement.title = about;
}
