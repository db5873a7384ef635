/** The headline scenes: as many particles as a GPU is glad of, and what a software adapter starts with instead. */
import { type Settings, settingsFor } from './settings.ts';

export interface Scene {
  readonly name: string;
  readonly title: string;
  readonly settings: Settings;
}

/** Particles of a scene on a GPU, and on a software adapter. */
export const SCENE_PARTICLES = { hardware: 2 ** 20, software: 2 ** 16 } as const;

const perComponent = (components: number, software: boolean): number => SCENE_PARTICLES[software ? 'software' : 'hardware'] / components;

/** The scenes for this adapter. */
export const scenesFor = (software: boolean): readonly Scene[] => [
  {
    name: 'million-plane',
    title: 'A million particles in the plane',
    settings: settingsFor('cec2013-f7', { components: 32, samples: perComponent(32, software), seed: 7 }),
  },
  {
    name: 'million-ten',
    title: 'A million particles in ten dimensions',
    settings: settingsFor('styblinski-tang', { dimension: 10, components: 16, samples: perComponent(16, software), seed: 7 }),
  },
];
