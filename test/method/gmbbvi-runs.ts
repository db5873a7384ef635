/** GMBBVI on the plane's inverse problems as formulas/kalman.md 5.9 has it: C = I, means N(0, I), no annealing. */
import { type GmbbviOptions, gmbbvi, sample } from '../../src/index.ts';
import { RandomStream } from '../../src/mixture/random.ts';
import { planeInversions } from '../../src/problems/inversion-plane.ts';
import { getDevice } from '../harness/device.ts';
import { gridDistance, negativePotential } from './inversion-cases.ts';

/** int |p - q| of the marginal of the first two parameters, one number a seed. */
export async function planeDistances(
  name: string,
  { dim = 2, components = 40, samples = 8, iterations = 300, seeds = 5, options = {} as GmbbviOptions },
): Promise<{ distances: number[]; mean: number; standardError: number }> {
  const device = await getDevice();
  const plane = planeInversions.find((own) => own.name === name)!;
  const distances: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new RandomStream(seed, 0, 7);
    const means = Array.from({ length: components }, () => Array.from({ length: dim }, () => random.normal()));
    const { mixture } = await sample({
      wgsl: negativePotential(plane.at(dim)),
      box: Array.from({ length: dim }, () => [-1, 1] as const),
      method: gmbbvi({ anneal: 0, samples, ...options }),
      start: { means, deviation: 1 },
      iterations,
      seed,
      device,
    });
    distances.push(gridDistance(plane.at(2), mixture));
  }
  const mean = distances.reduce((sum, own) => sum + own, 0) / seeds;
  const squares = distances.reduce((sum, own) => sum + (own - mean) ** 2, 0);
  return { distances, mean, standardError: Math.sqrt(squares / Math.max(seeds - 1, 1) / seeds) };
}
