/** The numbers that belong to a method, with their ranges and units: for controls and links alike. No DOM, no GPU. */
import { familyOf, type ParameterName } from './methods.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

export interface Parameter extends Range {
  readonly name: ParameterName;
  readonly label: string;
  /** What it does, and its unit. */
  readonly about: string;
}

/** Of settings that every method has. */
export const rangeOf = {
  components: { min: 1, max: 256, whole: true },
  samples: { min: 2, max: 65536, whole: true },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
  lower: { min: -1e6, max: 1e6, whole: false },
  upper: { min: -1e6, max: 1e6, whole: false },
} as const satisfies Record<string, Range>;

const number = (name: ParameterName, label: string, about: string, min: number, max: number): Parameter => ({
  name,
  label,
  about,
  min,
  max,
  whole: false,
});
const count = (name: ParameterName, label: string, about: string, min: number, max: number): Parameter => ({
  ...number(name, label, about, min, max),
  whole: true,
});

/** In the order in which they are shown. */
export function parametersOf(method: string): Parameter[] {
  const family = familyOf(method);
  const { components, samples } = rangeOf;
  const mixtureDraws = family === 'gmmvi' && method[2] === 'P';
  const shape = [
    count(
      'components',
      'Components K',
      family === 'gmmvi' && method[1] === 'A' ? 'At the start' : 'Gaussians',
      components.min,
      components.max,
    ),
    ...(family === 'kalman'
      ? []
      : [
          count(
            'samples',
            mixtureDraws ? 'Samples' : 'Samples / component',
            mixtureDraws ? 'Drawn from the whole mixture in an iteration' : 'Drawn from each component in an iteration',
            samples.min,
            samples.max,
          ),
        ]),
  ];
  switch (family) {
    case 'nva':
      return [
        ...shape,
        number('cooling', 'Cooling / sd(f)', '1/ω grows by this share of 1/sd(f) in an iteration', 0.005, 0.5),
        number('rate', 'Step size η', 'Share of a full natural-gradient step', 0.01, 1),
        number('weightRate', 'Weight step / η', 'Step of the weights, as a share of the components’', 0, 0.5),
      ];
    case 'gmmvi':
      return [...shape, ...gmmviParameters(method)];
    case 'gmbbvi':
      return [
        ...shape,
        number('rate', 'Step size Δt', 'Largest time step', 0.01, 1),
        count('anneal', 'Annealing, iter.', 'Iterations in which the temperature falls to 1', 0, 2000),
        count('iterations', 'Settling, iter.', 'Iterations after annealing, over which the step falls', 1, 10_000),
      ];
    case 'kalman':
      return [
        ...shape,
        number('step', 'Step h', 'Share of a full step, in (0, 1)', 0.01, 0.99),
        count('iterations', 'Iterations', 'Of the whole run', 1, 10_000),
      ];
  }
}

function gmmviParameters(code: string): Parameter[] {
  const adaptive = code[1] === 'A';
  const region = code[3] === 'T';
  const weightRegion = code[5] === 'O';
  const rule = (letter: string | undefined) => ({ F: 'fixed', X: 'fixed', D: 'decays', G: 'decays' })[letter ?? ''] ?? 'adapts';
  return [
    ...(adaptive ? [count('capacity', 'Most components', 'There are never more', 1, 256)] : []),
    region
      ? number('step', 'KL bound, nats', `Of a component’s step, at first (${rule(code[4])})`, 1e-4, 10)
      : number('step', 'Step size β', `Of a component, at first (${rule(code[4])})`, 1e-4, 1),
    weightRegion
      ? number('weightStep', 'Weight bound, nats', `Bound on the KL divergence of the weights’ step, at first (${rule(code[6])})`, 0, 10)
      : number('weightStep', 'Weight step β', `Of the weights, at first (${rule(code[6])})`, 0, 1),
    number('reuse', 'Reuse / samples', 'Earlier samples used again, as a multiple of the new ones', 0, 4),
    ...(adaptive
      ? [
          count('addEvery', 'Add every, iter.', 'Iterations between additions of a component', 1, 1000),
          count('removeAfter', 'Remove after, iter.', 'Iterations without gain or weight after which a component goes', 3, 2000),
        ]
      : []),
  ];
}
