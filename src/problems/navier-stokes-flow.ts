/**
 * The flow of the Navier-Stokes problem: what its two solvers, in float32 on the GPU and in float64, have in common.
 *
 *   dw/dt + (v . grad) w = nu lap w + f,   v = (d psi/dy, -d psi/dx) + (0, 2 pi),   w = -lap psi,   f = -4 sin 4x
 *
 * on the torus [0, 2 pi]^2 until T = 1/2; formulas sheet `kalman.md` section 5.8 (code of arXiv 2406.17263).
 */
import { OptionError } from '../gpu/errors.ts';
import { initialModes, MAX_UNKNOWNS } from './navier-stokes-modes.ts';

export const VISCOSITY = 0.01;
/** Velocity of the mean flow, along y. */
export const MEAN_FLOW = 2 * Math.PI;
/** The forcing `FORCING_AMPLITUDE sin(FORCING_NUMBER x)` of the vorticity. */
export const FORCING_AMPLITUDE = -4;
export const FORCING_NUMBER = 4;
export const FINAL_TIME = 0.5;
/** The data are taken halfway and at the end. */
export const OBSERVED_TIMES = 2;

/** `1/2 [w(x, y) - w(2 pi - x, y)]` at `x = j pi / 8`, j = 1 .. 7, and `y = j pi / 4`, j = 0 .. 7; y runs fastest. */
export const OBSERVED_COLUMNS = 7;
export const OBSERVED_ROWS = 8;
/** Distances of the observed places, as fractions of the torus. */
export const COLUMN_FRACTION = 16;
export const ROW_FRACTION = 8;
export const OBSERVATIONS: number = OBSERVED_TIMES * OBSERVED_COLUMNS * OBSERVED_ROWS;

/** Points of the grid in each direction. */
export type Grid = 32 | 64 | 128;

/**
 * How time is stepped: Runge-Kutta of order 4 with diffusion in an integrating factor, or the scheme of the paper's code, forward
 * Euler for the advection and Crank-Nicolson for the diffusion (which wants steps of about 2e-4: Euler amplifies the advection).
 */
export type Scheme = 'ifrk4' | 'crank-nicolson';

export interface Flow {
  readonly grid: Grid;
  /** Number of modes of the initial vorticity. */
  readonly unknowns: number;
  /** Divides 1/4. Runge-Kutta is stable while `k v step < 2.8`: up to 0.025, 0.01 and 0.005 or so on the three grids. */
  readonly step: number;
  readonly scheme: Scheme;
}

/** The largest wave number kept in each direction: the filter `|k| < grid / 3` after every forward transform. */
export const keptWaves = (grid: number): number => Math.ceil(grid / 3) - 1;

/** Time steps of a run, which are even in number: an observation is taken halfway. */
export const stepsOf = ({ step }: Flow): number => Math.round(FINAL_TIME / step);

/** @throws OptionError */
export function checkFlow({ grid, unknowns, step, scheme }: Flow): void {
  if (![32, 64, 128].includes(grid)) throw new OptionError(`grid must be 32, 64 or 128, not ${grid}`);
  if (!(Number.isInteger(unknowns) && unknowns >= 1 && unknowns <= MAX_UNKNOWNS)) {
    throw new OptionError(`unknowns must be an integer from 1 to ${MAX_UNKNOWNS}, not ${unknowns}`);
  }
  const kept = keptWaves(grid);
  const reached = Math.max(...initialModes(unknowns).map(({ kx, ky }) => Math.max(Math.abs(kx), Math.abs(ky))));
  if (reached > kept) throw new OptionError(`${unknowns} unknowns reach wave number ${reached}; a grid of ${grid} keeps ${kept}`);
  if (scheme !== 'ifrk4' && scheme !== 'crank-nicolson') throw new OptionError(`scheme must be ifrk4 or crank-nicolson, not ${scheme}`);
  const half = FINAL_TIME / 2 / step;
  if (!(step > 0 && Math.abs(half - Math.round(half)) < 1e-6 * half)) {
    throw new OptionError(`step must divide ${FINAL_TIME / 2}, the time of the first observation; ${step} does not`);
  }
}

/**
 * One stage of a time step for a mode that diffuses at `rate = nu |k|^2`; `slope` = forcing - advection at the stage's argument.
 *   argument of the next stage = fromStart w + fromSlope slope,     w the mode at the step's start
 *   new w so far = keep (w in the first stage, else new w so far) + add slope
 * After the last stage the new w is the argument.
 */
export interface Stage {
  readonly fromStart: number;
  readonly fromSlope: number;
  readonly keep: number;
  readonly add: number;
}

/** The stages of a time step. */
export function stagesOf({ scheme, step: dt }: Flow, rate: number): readonly Stage[] {
  if (scheme === 'crank-nicolson') {
    const half = (rate * dt) / 2;
    const keep = (1 - half) / (1 + half);
    const add = dt / (1 + half);
    return [{ fromStart: keep, fromSlope: add, keep, add }];
  }
  // e over half a step, E over a whole one:
  // k1 = N(w), k2 = N(e (w + dt k1 / 2)), k3 = N(e w + dt k2 / 2), k4 = N(E w + dt e k3), w <- E w + dt/6 (E k1 + 2 e (k2 + k3) + k4)
  const e = Math.exp((-rate * dt) / 2);
  const E = Math.exp(-rate * dt);
  return [
    { fromStart: e, fromSlope: (e * dt) / 2, keep: E, add: (E * dt) / 6 },
    { fromStart: e, fromSlope: dt / 2, keep: 1, add: (e * dt) / 3 },
    { fromStart: E, fromSlope: e * dt, keep: 1, add: (e * dt) / 3 },
    { fromStart: 1, fromSlope: 0, keep: 1, add: dt / 6 },
  ];
}
