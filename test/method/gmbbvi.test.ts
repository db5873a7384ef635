/** GMBBVI on densities with known answers; its statistics stand in the long test. */
import { describe, expect, it } from 'vitest';
import { createSolver, gmbbvi, sample } from '../../src/index.ts';
import { planeInversions } from '../../src/problems/inversion-plane.ts';
import { getDevice } from '../harness/device.ts';
import { planeDistances } from './gmbbvi-runs.ts';
import { negativePotential } from './inversion-cases.ts';

const wgsl = negativePotential(planeInversions.find(({ name }) => name === 'plane-gaussian')!.at(2));
const box = [
  [-4, 4],
  [-4, 4],
] as const;

describe('options', () => {
  const resolve = (options: Parameters<typeof gmbbvi>[0]) => () => gmbbvi(options).resolve({ derivatives: 'value', dim: 3 });
  it.each([
    [{ samples: 3 }, /samples is 3; it must be a whole number from 4/],
    [{ rate: 1.5 }, /rate is 1.5; it must be a number above 0 and at most 1/],
    [{ schedule: 'stable-cosin' as never }, /unknown schedule "stable-cosin"; did you mean stable-cosine/],
    [{ anneal: -1 }, /anneal is -1/],
    [{ anneal: 0, annealRate: 0.5 }, /annealRate has no effect without iterations that anneal/],
    [{ anneal: 0, firstTemperature: 9 }, /firstTemperature has no effect/],
    [{ weightFloor: 0 }, /weightFloor is 0/],
  ])('%o is refused', (options, message) => {
    expect(resolve(options)).toThrow(message);
  });

  it('an unknown one is refused with the nearest', () => {
    expect(() => gmbbvi({ aneal: 3 } as never)).toThrow(/unknown gmbbvi option "aneal"; did you mean anneal/);
  });

  it('by default 2 d + 1 draws of 40 components', () => {
    expect(resolve({})()).toMatchObject({ samples: 7, components: 40, nodes: 'whitened' });
  });

  it('too few draws are refused wherever they are asked for', async () => {
    const run = sample({ wgsl, box, method: gmbbvi(), samples: 2, device: await getDevice() });
    await expect(run).rejects.toThrow(/samples is 2; gmbbvi whitens each component's samples, which takes 3 or more in 2 dimensions/);
  });

  it('a run that would do nothing but anneal is refused', async () => {
    const run = sample({ wgsl, box, method: gmbbvi({ anneal: 50 }), iterations: 50, device: await getDevice() });
    await expect(run).rejects.toThrow(/iterations is 50, all of which gmbbvi would anneal in/);
  });
});

describe('one Gaussian', () => {
  it.each(['full', 'diagonal'] as const)('one component of %s covariance lands on it', async (covariance) => {
    const axes = 'fn objective(x: Point) -> f32 { let a = x[0] + 1.0; let b = x[1] - 1.0; return -a * a - 2.5 * b * b; }';
    const { mixture } = await sample({
      wgsl: covariance === 'full' ? wgsl : axes,
      box,
      method: gmbbvi({ covariance, anneal: 0 }),
      components: 1,
      iterations: 150,
      device: await getDevice(),
    });
    const want = covariance === 'full' ? [5, -3, -3, 2] : [0.5, 0, 0, 0.2];
    expect(mixture.means[0]![0]).toBeCloseTo(-1, 3);
    expect(mixture.means[0]![1]).toBeCloseTo(1, 3);
    mixture.covariances[0]!.flat().forEach((entry, i) => {
      expect(entry).toBeCloseTo(want[i]!, 3);
    });
  });

  it('its evidence: log 2 pi', async () => {
    const result = await sample({ wgsl, box, method: gmbbvi(), components: 10, iterations: 100, device: await getDevice() });
    expect(Math.abs(result.logEvidence.value - Math.log(2 * Math.PI))).toBeLessThan(5 * result.logEvidence.standardError + 1e-3);
    expect(result.mixture.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
  });
});

it('weights and shapes do not hang on a constant added to the log density, nor on where values come from', async () => {
  const device = await getDevice();
  const run = async (target: object) =>
    (await sample({ ...target, box, method: gmbbvi({ anneal: 10 }), components: 5, samples: 6, iterations: 40, device } as never)).mixture;
  const plain = await run({ wgsl });
  const raised = await run({ wgsl: wgsl.replace('return -phi;', 'return 500.0 - phi;') });
  const host = await run({
    host: (x: Float64Array, count: number) =>
      Float64Array.from({ length: count }, (_, i) => {
        const [a, b] = [x[2 * i]!, x[2 * i + 1]!];
        return -0.5 * ((a + b) ** 2 + (1 - a - 2 * b) ** 2);
      }),
  });
  plain.weights.forEach((weight, k) => {
    for (const other of [raised, host]) {
      expect(other.weights[k]).toBeCloseTo(weight, 1);
      expect(other.means[k]![0]).toBeCloseTo(plain.means[k]![0]!, 1);
    }
  });
});

it('annealing finds modes far outside of the first mixture', async () => {
  const far = `fn objective(x: Point) -> f32 {
  let a = abs(x[0]) - 7.0;
  let b = abs(x[1]) - 7.0;
  return -2.0 * (a * a + b * b);
}`;
  const device = await getDevice();
  const means = Array.from({ length: 12 }, (_, k) => [0.7 * Math.cos(k), 0.7 * Math.sin(k)]);
  const { mixture } = await sample({
    wgsl: far,
    box,
    method: gmbbvi(),
    samples: 8,
    start: { means, deviation: 0.3 },
    iterations: 250,
    device,
  });
  for (const [x, y] of [
    [7, 7],
    [-7, 7],
    [7, -7],
    [-7, -7],
  ] as const) {
    const share = mixture.means.reduce((sum, mean, k) => sum + (Math.hypot(mean[0]! - x, mean[1]! - y) < 2 ? mixture.weights[k]! : 0), 0);
    expect(share).toBeCloseTo(0.25, 2);
  }
});

it('the same bits however often it is read back', async () => {
  const device = await getDevice();
  const mixtures = [];
  for (const iterations of [[20], [1, 7, 12]]) {
    const solver = await createSolver({ wgsl, box, boundary: 'none', sense: 'maximize' }, gmbbvi({ anneal: 5 }), {
      device,
      components: 6,
      seed: 4,
    });
    for (const count of iterations) await solver.step(count);
    mixtures.push(solver.snapshot.mixture);
    solver.dispose();
  }
  expect(mixtures[1]).toEqual(mixtures[0]);
});

it('four modes: a few components are near them after 200 iterations', async () => {
  const { mean } = await planeDistances('plane-four-modes', { components: 20, seeds: 1, iterations: 200 });
  expect(mean).toBeLessThan(0.15);
});
