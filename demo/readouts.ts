/** The numbers of a run. */
import type { AdapterDescription, Snapshot } from '../src/index.ts';
import { byId } from './dom.ts';
import { number, rate, whole } from './numbers.ts';

export interface Reading {
  snapshot: Snapshot;
  particles: number;
  particleRate: number | undefined;
  gpuMilliseconds: number | undefined;
  /** Of a density that is fitted. */
  bound: number | undefined;
  /** There is a temperature. */
  annealed: boolean;
}

const ids = [
  'iteration',
  'evaluations',
  'particles',
  'temperature',
  'best',
  'elbo',
  'components',
  'gpu-time',
  'adapter',
  'particle-rate',
  'shown',
] as const;

export class Readouts {
  readonly #fields = Object.fromEntries(ids.map((id) => [id, byId(id)])) as Record<(typeof ids)[number], HTMLElement>;

  show({ snapshot, particles, particleRate, gpuMilliseconds, bound, annealed }: Reading): void {
    const { iteration, evaluations, temperature, best, mixture } = snapshot;
    this.#write('iteration', whole(iteration));
    this.#write('evaluations', whole(evaluations));
    this.#write('particles', whole(particles));
    this.#write('temperature', annealed ? number(temperature) : '');
    this.#write('best', number(best.value, 6));
    this.#write('elbo', bound === undefined ? '' : number(bound, 5));
    this.#write('components', whole(mixture.means.length));
    this.#write('gpu-time', gpuMilliseconds === undefined ? '–' : `${number(gpuMilliseconds, 3)} ms`);
    this.#write('particle-rate', particleRate === undefined ? '–' : rate(particleRate));
  }

  adapter({ vendor, architecture, description, software }: AdapterDescription): void {
    const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed';
    this.#write('adapter', software ? `${name} (software)` : name);
  }

  /** How many of the samples the picture holds. */
  shown(drawn: number, all: number): void {
    this.#write('shown', drawn === 0 ? '' : drawn < all ? `${whole(drawn)} of ${whole(all)} samples drawn` : `${whole(all)} samples`);
  }

  #write(id: (typeof ids)[number], text: string): void {
    const field = this.#fields[id];
    if (field.textContent !== text) field.textContent = text;
  }
}
