/**
 * Darcy flow: the permeability a of a porous medium from its pressure, -div(a grad p) = f on the unit square, p = 0 on the boundary.
 * Observed is the mean of the pressure at a node and at its mirror image in x1, so the permeability and its mirror image explain the
 * data equally well: two modes. Formulas sheet `kalman.md` section 5.6.
 */
import { OptionError } from '../gpu/errors.ts';
import { type DarcySpec, darcyObservations } from '../kernels/darcy.ts';
import { darcyModes, highestFrequency, permeability } from './darcy-basis.ts';
import { darcyForward } from './darcy-forward.ts';
import { darcyPressure } from './darcy-twin.ts';
import { seededRandom } from './generated-content.ts';
import type { InversionProblem } from './inversion.ts';

export { mirrored, permeability } from './darcy-basis.ts';

export interface DarcyOptions {
  /** Nodes a side, with the boundary; 80 by default. */
  readonly nodes?: number;
  /** Modes of the log-permeability, which are the parameters; 128 by default. */
  readonly modes?: number;
  /** f(x1, x2), by default 1000 sin(4 pi x2). The two modes need f(1 - x1, x2) = f(x1, x2). */
  readonly forcing?: (x1: number, x2: number) => number;
  /** Every so-manyth row and column of nodes is observed, 10 by default, beginning with `firstObserved` (from 0), one less by default. */
  readonly spacing?: number;
  readonly firstObserved?: number;
  /** Standard deviation of the noise; 1 by default. */
  readonly noise?: number;
  /** Standard deviation of every parameter's prior, and of the truth; 10 by default. */
  readonly priorDeviation?: number;
  /** The data come from a grid of this many times the intervals; 1 by default. The twin's time grows with its fourth power. */
  readonly refinement?: number;
  /** Of the truth and the noise. */
  readonly seed?: number;
  /** Bytes of GPU memory for the members' fields; 128 MiB by default. Larger batches go in chunks. */
  readonly memory?: number;
}

export interface DarcyProblem extends InversionProblem {
  /** The parameters that the data come from. */
  readonly truth: Float64Array;
  readonly nodes: number;
  /** Pressure in float64 on the nodes, row by row, x1 fastest. */
  readonly pressure: (theta: Float64Array) => Float64Array;
}

/** f = 1000, beyond x2 = 4/6 2000, beyond 5/6 3000. */
export const stepForcing = (_x1: number, x2: number): number => (x2 <= 4 / 6 ? 1000 : x2 <= 5 / 6 ? 2000 : 3000);

/** The other set-up of the sheet's section, from the examples of the black-box method (GMBBVI). */
export const stepDarcy: DarcyOptions = {
  nodes: 81,
  modes: 32,
  priorDeviation: 5,
  forcing: stepForcing,
  spacing: 5,
  firstObserved: 5,
  noise: 0.25,
  refinement: 3,
};

const sineForcing = (_x1: number, x2: number): number => 1000 * Math.sin(4 * Math.PI * x2);

/** @throws OptionError for a grid or spacing that leaves nothing to observe. */
export function darcy(options: DarcyOptions = {}): DarcyProblem {
  const { nodes = 80, spacing = 10, forcing = sineForcing, noise = 1, priorDeviation = 10, refinement = 1, seed = 22 } = options;
  const { firstObserved = Math.max(spacing - 1, 1), memory = 2 ** 27 } = options;
  const whole = { nodes, modes: options.modes ?? 128, spacing, firstObserved, refinement };
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isInteger(value) || value < 1) throw new OptionError(`darcy: ${name} must be a whole number of at least 1, not ${value}`);
  }
  if (nodes < 4) throw new OptionError(`darcy: nodes must be at least 4, not ${nodes}`);
  const modes = darcyModes(whole.modes);
  const spec: DarcySpec = { dim: modes.length, frequencies: highestFrequency(modes) + 1, nodes, firstObserved, spacing };
  const { columns, count } = darcyObservations(spec);
  if (!(count > 0)) throw new OptionError(`darcy: with ${nodes} nodes a side and spacing ${spacing} nothing is observed`);

  const pressureOn = (theta: Float64Array, side: number) => darcyPressure(permeability(theta, side), onNodes(forcing, side), side);
  /** Predictions from a grid of `fineness` times the intervals. */
  const observe = (theta: Float64Array, fineness: number): Float64Array => {
    const side = fineness * (nodes - 1) + 1;
    const pressure = pressureOn(theta, side);
    return Float64Array.from({ length: count }, (_, o) => {
      const x = fineness * (firstObserved + spacing * (o % columns));
      const y = fineness * (firstObserved + spacing * Math.floor(o / columns));
      return (pressure[y * side + x] + pressure[y * side + side - 1 - x]) / 2;
    });
  };

  const random = seededRandom(seed);
  const truth = Float64Array.from(modes, () => priorDeviation * random.normal());
  const noises = Array.from({ length: count }, () => noise * random.normal());
  let data: readonly number[] | undefined;
  return {
    name: 'darcy',
    title: `Darcy flow, ${nodes} by ${nodes} nodes: ${modes.length} modes of the log-permeability from ${count} pressures`,
    source: 'Chen, Huang, Huang, Reich and Stuart 2024, "Efficient, multimodal, and derivative-free Bayesian inference" (its repository)',
    dimension: modes.length,
    observations: count,
    noise,
    prior: { mean: 0, deviation: priorDeviation },
    buffers: darcyForward({ spec, modes, forcing: onNodes(forcing, nodes), memory }, count),
    twin: (theta) => observe(theta, 1),
    truth,
    nodes,
    pressure: (theta) => pressureOn(theta, nodes),
    /** Made when first asked for: a solve takes the twin tens of milliseconds. */
    get data() {
      data ??= Array.from(observe(truth, refinement), (y, o) => y + noises[o]);
      return data;
    },
  };
}

function onNodes(forcing: (x1: number, x2: number) => number, nodes: number): Float64Array {
  return Float64Array.from({ length: nodes * nodes }, (_, i) => forcing((i % nodes) / (nodes - 1), Math.floor(i / nodes) / (nodes - 1)));
}
