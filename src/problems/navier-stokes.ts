/**
 * From noisy vorticity at two times back to the initial vorticity of a two-dimensional flow: the bimodal inversion of Gaussian-mixture
 * Kalman inversion (arXiv 2406.17263; formulas sheet `kalman.md` sections 5.7 and 5.8). Whatever explains the data, its mirror image
 * does so as well: see `mirrored`.
 *
 * Float32 against float64, measured on software adapters at draws of the prior, relative over the data: 5e-7 (grid 32), 7e-7 (grid 64,
 * the defaults), 2e-6 after the 2500 steps of the paper's scheme.
 */
import { OptionError } from '../gpu/errors.ts';
import { seededRandom } from './generated-content.ts';
import type { InversionProblem } from './inversion.ts';
import { navierStokesData, navierStokesTruth } from './navier-stokes-data.ts';
import { checkFlow, type Flow, OBSERVATIONS } from './navier-stokes-flow.ts';
import { navierStokesForward } from './navier-stokes-forward.ts';
import { observe } from './navier-stokes-twin.ts';

export { navierStokesStarts, navierStokesTruth } from './navier-stokes-data.ts';
export type { Flow, Grid, Scheme } from './navier-stokes-flow.ts';
export { initialModes, MAX_UNKNOWNS, type Mode, mirrored, vorticity, vorticityError } from './navier-stokes-modes.ts';

export interface NavierStokesOptions extends Partial<Flow> {
  /** Standard deviation of the noise on each datum; 0.1 by default. */
  readonly noise?: number;
  /** The unknowns that made the data; by default as many as wanted of {@link navierStokesTruth}. */
  readonly truth?: ArrayLike<number>;
}

/** The inversion whose data and starts are committed: 128 unknowns on a grid of 64, Runge-Kutta steps of 0.01. */
const full: Flow & { noise: number } = { grid: 64, unknowns: 128, step: 1e-2, scheme: 'ifrk4', noise: 0.1 };

/** Standard deviation of the prior of every unknown, whose mean is 0. */
export const PRIOR_DEVIATION: number = Math.SQRT2 * Math.PI;

/**
 * Data are those of the float64 twin with noise from a fixed seed, made when first asked for (a twin run takes 0.1 s on a grid of 32,
 * 0.3 s on 64); those of the defaults are committed.
 * @throws OptionError
 */
export function navierStokes(options: NavierStokesOptions = {}): InversionProblem {
  const { grid = full.grid, unknowns = full.unknowns, step = full.step, scheme = full.scheme, noise = full.noise } = options;
  const flow: Flow = { grid, unknowns, step, scheme };
  checkFlow(flow);
  const truth = options.truth ?? navierStokesTruth.slice(0, unknowns);
  if (truth.length !== unknowns) throw new OptionError(`truth has ${truth.length} numbers, not ${unknowns}`);
  if (!(noise > 0)) throw new OptionError(`noise must be positive, not ${noise}`);
  const asked = { ...flow, noise };
  const committed = !options.truth && (Object.keys(full) as (keyof typeof full)[]).every((name) => asked[name] === full[name]);
  let data: readonly number[] | undefined = committed ? navierStokesData : undefined;
  return {
    name: 'navier-stokes',
    title: `Initial vorticity of a flow on the torus, ${unknowns} unknowns, grid ${grid}`,
    source: 'Chen, Huang and others, Gaussian-mixture Kalman inversion, arXiv 2406.17263; formulas sheet kalman.md 5.8',
    dimension: unknowns,
    observations: OBSERVATIONS,
    get data() {
      data ??= noisy(observe(flow, truth), noise);
      return data;
    },
    noise,
    prior: { mean: 0, deviation: PRIOR_DEVIATION },
    buffers: navierStokesForward(flow),
    twin: (theta) => observe(flow, theta),
  };
}

/** Predictions with normal noise, the same for every problem. */
export function noisy(predictions: Float64Array, noise: number): number[] {
  const { normal } = seededRandom(2);
  return Array.from(predictions, (value) => value + noise * normal());
}
