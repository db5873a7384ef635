/** The built-in inverse problems by name, made when asked for. */
import { darcy } from './darcy.ts';
import type { InversionProblem } from './inversion.ts';
import { planeInversions } from './inversion-plane.ts';
import { smallInversions } from './inversion-small.ts';
import { navierStokes } from './navier-stokes.ts';

export interface InversionEntry {
  readonly title: string;
  readonly dimension: number;
  readonly make: () => InversionProblem;
}

export const inversions: Readonly<Record<string, InversionEntry>> = {
  ...Object.fromEntries(
    smallInversions.map((problem) => [problem.name, { title: problem.title, dimension: problem.dimension, make: () => problem }]),
  ),
  ...Object.fromEntries(planeInversions.map(({ name, title, at }) => [name, { title, dimension: 2, make: () => at(2) }])),
  ...Object.fromEntries(
    planeInversions.map(({ name, title, at }) => [
      `${name}-100d`,
      { title: `${title}; 98 more parameters`, dimension: 100, make: () => at(100) },
    ]),
  ),
  darcy: { title: 'Darcy flow: the permeability of a square from pressures; two modes by symmetry', dimension: 128, make: () => darcy() },
  'navier-stokes': {
    title: 'Navier-Stokes on a torus: the first vorticity from later ones; two modes by symmetry',
    dimension: 128,
    make: () => navierStokes(),
  },
  'navier-stokes-small': {
    title: 'The same on a coarse grid with few parameters',
    dimension: 24,
    make: () => navierStokes({ grid: 32, unknowns: 24 }),
  },
};

export const findInversion = (name: string): InversionProblem | undefined =>
  Object.hasOwn(inversions, name) ? inversions[name]!.make() : undefined;
