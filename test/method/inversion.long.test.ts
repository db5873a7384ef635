/** Inversion by sigma points against every published number that its sheet has (kalman.md 5, 6). */
import { expect, it } from 'vitest';
import { problemInversion } from '../../src/cli/invert.ts';
import { dfGmvi, gmki, invert } from '../../src/index.ts';
import { purpose, RandomStream } from '../../src/mixture/random.ts';
import { planeInversions } from '../../src/problems/inversion-plane.ts';
import { bimodalInversion, fourModesInversion, quadraticInversion, type SmallInversion } from '../../src/problems/inversion-small.ts';
import { getDevice } from '../harness/device.ts';
import { gridDistance } from './inversion-cases.ts';
import { planeDistance, quadraticDistance, quadraticIterations, quadraticTable, smallRun } from './inversion-tables.ts';

const runs = quadraticTable.flatMap(([noise, rows]) => rows.map((row, i) => ({ noise, components: i + 1, row })));

it.each(runs)(
  '1-D, noise $noise, K = $components: with Gauss-Hermite nodes at every iteration, with drawn ones at the end',
  async (run) => {
    for (const [i, iterations] of quadraticIterations.entries()) {
      const distance = await quadraticDistance(run.noise, run.components, iterations, { exploration: 'hermite' });
      expect(Math.abs(distance - run.row[i]!), `L1 ${distance} at iteration ${iterations}`).toBeLessThan(0.02);
      if (iterations < 20) continue;
      const drawn = await quadraticDistance(run.noise, run.components, iterations, { exploration: 'whitened', nodes: 10_000 });
      expect(Math.abs(drawn - run.row[i]!), `L1 ${drawn} at iteration ${iterations}, drawn nodes`).toBeLessThan(0.02);
    }
  },
);

it.each([
  [
    0.2,
    [
      [0.1853, -0.9898, 0.1012],
      [0.8147, 1.005, 0.0996],
    ],
  ],
  [
    0.5,
    [
      [0.2003, -0.9339, 0.2651],
      [0.7997, 1.032, 0.2413],
    ],
  ],
])('1-D, noise %d: fixed points', async (noise, expected) => {
  const start = [[-2.4283140297584804], [1.7456283123426095]];
  const { mixture } = await smallRun(quadraticInversion(noise), start, 2, 60, { exploration: 'hermite' });
  expected.forEach(([weight, mean, deviation], k) => {
    const found = [mixture.weights[k]!, mixture.means[k]![0]!, Math.sqrt(mixture.covariances[k]![0]![0]!)];
    [weight!, mean!, deviation!].forEach((number, i) => {
      expect(Math.abs(found[i]! - number), `${found}`).toBeLessThan(1e-3);
    });
  });
});

const figure = [
  [-0.03, 1.75],
  [-1.04, 0.58],
  [-0.37, 1.03],
];
const shifted = figure.map(([a, b]) => [a! + 0.5, b!]);

it.each([
  ['centred', bimodalInversion('centred'), figure, 0, 0.135],
  ['shifted', bimodalInversion('shifted'), shifted, 0, 0.135],
  ['four modes, K = 3', fourModesInversion, shifted, 0.5, 0.52],
] as [string, SmallInversion, number[][], number, number][])('2-D, %s', async (_, problem, means, least, most) => {
  const { mixture } = await smallRun(problem, means, 1, 30);
  const distance = planeDistance(problem, mixture);
  expect(distance).toBeGreaterThan(least);
  expect(distance).toBeLessThan(most);
});

it('2-D, four modes, K = 6: all of them, by two of three seeds at least', async () => {
  // With three of four modes L1 is 0.31 or 0.50: which are found depends on the start.
  const distances: number[] = [];
  for (const seed of [3, 4, 6]) {
    const random = new RandomStream(seed, purpose.initialise);
    const means = Array.from({ length: 6 }, () => [0.5 + random.normal(), random.normal()]);
    distances.push(planeDistance(fourModesInversion, (await smallRun(fourModesInversion, means, 1, 30)).mixture));
  }
  const complete = distances.filter((distance) => distance > 0.2 && distance < 0.22);
  expect(complete.length, `${distances}`).toBeGreaterThanOrEqual(2);
});

it.each([
  [0.5, true],
  [0.75, true],
  [0.1, false],
  [0.25, false],
])('2-D, step %d: both modes found: %s', async (step, found) => {
  const problem = bimodalInversion('centred');
  const { mixture } = await smallRun(problem, figure, 1, 40, { step });
  const distance = planeDistance(problem, mixture);
  if (found) expect(distance).toBeLessThan(0.14);
  else expect(distance).toBeGreaterThan(0.9);
});

/** Final errors of the sheet's prototype at K = 40 after 100 iterations, spread 0.5; its 0.15 of the last has no error, so more seeds. */
it.each([
  ['plane-gaussian', 0.009, 5],
  ['plane-four-modes', 0.033, 5],
  ['plane-circle', 0.1, 5],
  ['plane-banana', 0.32, 5],
  ['plane-double-banana', 0.15, 20],
])('DF-GMVI, %s: an L1 error of about %d', async (name, published, seeds) => {
  const problem = planeInversions.find((plane) => plane.name === name)!.at(2);
  const distances: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new RandomStream(seed, purpose.initialise);
    const means = Array.from({ length: 40 }, () => [random.normal(), random.normal()]);
    const options = {
      ...problemInversion(problem),
      device: await getDevice(),
      method: dfGmvi(),
      start: { means, deviation: 1 },
      iterations: 100,
    };
    distances.push(gridDistance(problem, (await invert(options)).mixture));
  }
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / seeds;
  const error = Math.sqrt(distances.reduce((sum, distance) => sum + (distance - mean) ** 2, 0) / (seeds * (seeds - 1)));
  expect(mean, `${mean} +- ${error}: ${distances}`).toBeLessThan(1.2 * published + 0.005);
});

it.each(['mean', 'unscented', 'cubature'] as const)('DF-GMVI with the entropy by %s: exact where all is Gaussian', async (entropy) => {
  const { mixture } = await invert({
    wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0] + 2.0 * theta[1]; }',
    dim: 2,
    y: [3],
    noise: 0.5,
    prior: { mean: [1, 0], deviation: [1, 2] },
    device: await getDevice(),
    method: dfGmvi({ entropy }),
    components: 1,
    iterations: 40,
  });
  // Sigma_0 - Sigma_0 a a^T Sigma_0 / (a^T Sigma_0 a + 1/4), a = (1, 2), Sigma_0 = diag(1, 4).
  const gain = [1 / 17.25, 8 / 17.25];
  const mean = [1 + 2 * gain[0]!, 2 * gain[1]!];
  const covariance = [
    [1 - gain[0]!, -8 * gain[0]!],
    [-8 * gain[0]!, 4 - 8 * gain[1]!],
  ];
  mean.forEach((value, i) => {
    expect(Math.abs(mixture.means[0]![i]! - value)).toBeLessThan(1e-4);
    covariance[i]!.forEach((entry, j) => {
      expect(Math.abs(mixture.covariances[0]![i]![j]! - entry)).toBeLessThan(1e-4);
    });
  });
});

it.each(['unscented', 'cubature'] as const)('DF-GMVI with the entropy by %s finds four modes', async (entropy) => {
  const problem = planeInversions.find(({ name }) => name === 'plane-four-modes')!.at(2);
  const options = {
    ...problemInversion(problem),
    device: await getDevice(),
    method: dfGmvi({ entropy }),
    components: 20,
    iterations: 150,
    seed: 3,
  };
  // A component that is nowhere may be left over.
  const { modes } = await invert(options);
  expect(modes.filter(({ weight }) => weight > 0.01)).toHaveLength(4);
});

it.each([
  ['sigma', {}],
  ['none', {}],
  ['sampled', { nodes: 10_000 }],
] as const)('2-D, exploration: %s', async (exploration, options) => {
  const problem = bimodalInversion('centred');
  const { mixture } = await smallRun(problem, figure, 1, 30, { exploration, ...options });
  const distance = planeDistance(problem, mixture);
  // Without repulsion a mode or the weights may be lost; with enough drawn nodes it is the published run.
  expect(distance).toBeLessThan(exploration === 'sampled' ? 0.135 : 2);
});

it('Kalman inversion on a ring, spread 1e-2: finite, and it says that it fails', async () => {
  const problem = planeInversions.find(({ name }) => name === 'plane-circle')!.at(2);
  const result = await invert({
    ...problemInversion(problem),
    device: await getDevice(),
    method: gmki({ spread: 1e-2 }),
    components: 10,
    seed: 2,
  });
  const distance = gridDistance(problem, result.mixture);
  expect(distance).toBeGreaterThan(1);
  expect(result.hint).toMatch(/curved/);
});
