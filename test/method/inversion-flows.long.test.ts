/** Small versions of the inversions whose models are flows: both symmetric modes, from starts on both sides. */
import { expect, it } from 'vitest';
import { problemInversion } from '../../src/cli/invert.ts';
import { gmki, invert } from '../../src/index.ts';
import { darcy, permeability } from '../../src/problems/darcy.ts';
import { mirrored as mirroredPermeability } from '../../src/problems/darcy-basis.ts';
import {
  mirrored,
  navierStokes,
  navierStokesStarts,
  navierStokesTruth,
  PRIOR_DEVIATION,
  vorticityError,
} from '../../src/problems/navier-stokes.ts';
import { getDevice } from '../harness/device.ts';

it('Navier-Stokes, grid 32, 24 unknowns, 10 iterations', async () => {
  const problem = navierStokes({ grid: 32, unknowns: 24 });
  const means = navierStokesStarts.slice(0, 2).map((start) => start.slice(0, 24));
  const { modes, failedRuns } = await invert({
    ...problemInversion(problem),
    device: await getDevice(),
    method: gmki(),
    start: { means, deviation: PRIOR_DEVIATION },
    iterations: 10,
  });
  expect(failedRuns).toBe(0);
  const truth = Float64Array.from(navierStokesTruth.slice(0, 24));
  const errors = (to: Float64Array) => Math.min(...modes.map(({ x }) => vorticityError(x, to)));
  expect(errors(truth)).toBeLessThan(0.35);
  expect(errors(mirrored(truth))).toBeLessThan(0.35);
  for (const { misfit, evidenceWeight } of modes) {
    expect(misfit).toBeLessThan(1.5 * (problem.observations / 2));
    // The mixture's own weights follow slowly, and drawn nodes are not symmetric.
    expect(Math.abs(evidenceWeight - 0.5)).toBeLessThan(0.1);
  }
});

it('Darcy, 40 nodes, 32 modes, steps of forcing', async () => {
  const problem = darcy({
    nodes: 41,
    modes: 32,
    spacing: 5,
    firstObserved: 5,
    noise: 0.25,
    priorDeviation: 5,
    forcing: (_, x2) => (x2 <= 4 / 6 ? 1000 : x2 <= 5 / 6 ? 2000 : 3000),
  });
  const image = mirroredPermeability(problem.truth);
  const start = Float64Array.from(problem.truth, (_, i) => 5 * Math.sin(7 * i + 1));
  const { modes } = await invert({
    ...problemInversion(problem),
    device: await getDevice(),
    method: gmki(),
    start: { means: [Array.from(start), Array.from(mirroredPermeability(start))], deviation: 5 },
    iterations: 20,
  });
  const field = (theta: ArrayLike<number>) => permeability(Float64Array.from(theta), 41).map(Math.log);
  const distance = (theta: ArrayLike<number>, to: ArrayLike<number>) => {
    const [a, b] = [field(theta), field(to)];
    return Math.hypot(...a.map((value, i) => value - b[i]!)) / Math.hypot(...b);
  };
  expect(modes).toHaveLength(2);
  // The published runs end at about 0.5.
  for (const to of [problem.truth, image]) expect(Math.min(...modes.map(({ x }) => distance(x, to)))).toBeLessThan(0.6);
  expect(distance(image, problem.truth)).toBeGreaterThan(1);
});
