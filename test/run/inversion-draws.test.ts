/** Every inversion's result gives draws to ArviZ, in the parameters' own units. */
import { describe, expect, it } from 'vitest';
import { type ArvizData, type InversionResult, invert, type MethodSpec, toArviz } from '../../src/index.ts';
import { toPhysical } from '../../src/objective/prior.ts';
import { getDevice } from '../harness/device.ts';

/** As Python would get it. */
const readBack = (result: InversionResult, options: Parameters<typeof toArviz>[1]): ArvizData =>
  JSON.parse(JSON.stringify(toArviz(JSON.parse(JSON.stringify(result)) as InversionResult, options))) as ArvizData;

const moments = (values: number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
};

const problem = {
  wgsl: `fn forward(theta: Point, y: ptr<function, Observation>) {
    (*y)[0] = theta[0];
    (*y)[1] = theta[1] * theta[1];
  }`,
  dim: 2,
  y: [0.4, 4],
  noise: 0.3,
  prior: [
    { kind: 'uniform', lower: 0, upper: 1 },
    { kind: 'log-normal', mean: 2, deviation: 1, lower: -0.5 },
  ],
} as const;

describe('by method', () => {
  const methods: Record<string, string | MethodSpec> = Object.fromEntries(
    ['gmki', 'df-gmvi', 'uki', 'eki', 'eks', 'gmbbvi'].map((name) => [name, name]),
  );
  for (const [name, method] of Object.entries(methods)) {
    it(name, async () => {
      const device = await getDevice();
      const components = ['uki', 'eki', 'eks'].includes(name) ? {} : { components: 2 };
      const iterations = name === 'gmbbvi' ? 60 : 12;
      const result = await invert({ ...problem, device, method, ...components, iterations, seed: 3 });
      const { posterior, coords, attrs } = readBack(result, { names: ['share', 'rate'], chains: 4, draws: 4000 });
      expect(Object.keys(posterior)).toEqual(['share', 'rate']);
      const [share, rate] = ['share', 'rate'].map((parameter) => posterior[parameter] as number[][]);
      for (const chains of [share!, rate!]) {
        expect(chains).toHaveLength(4);
        for (const chain of chains) expect(chain).toHaveLength(1000);
      }
      for (const value of share!.flat()) expect(value > 0 && value < 1).toBe(true);
      for (const value of rate!.flat()) expect(value).toBeGreaterThan(-0.5);
      // Chains are alike: draws stand in random order.
      const [first, last] = [moments(rate![0]!), moments(rate![3]!)];
      expect(Math.abs(first.mean - last.mean)).toBeLessThan(5 * Math.hypot(first.deviation, last.deviation) * Math.sqrt(1 / 1000));
      // The mixture's own moments, in coordinates in which it is one.
      const { transforms, mixture } = result;
      const v = share!.flat().map((theta, n) => unconstrained([theta, rate!.flat()[n]!], result));
      for (const axis of [0, 1]) {
        const drawn = moments(v.map((row) => row[axis]!));
        const mean = mixture.weights.reduce((sum, weight, k) => sum + weight * mixture.means[k]![axis]!, 0);
        const square = mixture.weights.reduce(
          (sum, weight, k) => sum + weight * (mixture.covariances[k]![axis]![axis]! + (mixture.means[k]![axis]! - mean) ** 2),
          0,
        );
        expect(Math.abs(drawn.mean - mean)).toBeLessThan(5 * Math.sqrt(square / 4000));
        expect(Math.abs(drawn.deviation / Math.sqrt(square) - 1)).toBeLessThan(0.1);
      }
      expect(transforms.map(({ kind }) => kind)).toEqual(['uniform', 'exponential']);
      expect(coords).toEqual({});
      expect(attrs).toMatchObject({ inference_library: 'modescape', seed: 3 });

      // By the seed, and no other way.
      const draws = (options: object) => readBack(result, { draws: 10, ...options }).posterior.x;
      expect(draws({})).toEqual(draws({ seed: 3 }));
      expect(draws({ seed: 4 })).not.toEqual(draws({}));
      // Not told how many: the ensemble, where there is one.
      const all = (toArviz(result).posterior.x as number[][][])[0]!;
      expect(all).toEqual(result.ensemble ?? all);
      expect(all).toHaveLength(result.ensemble?.length ?? 1000);
    });
  }
});

/** v of theta, by bisection. */
function unconstrained(theta: readonly number[], { transforms }: InversionResult): number[] {
  return theta.map((wanted, i) => {
    let [low, high] = [-40, 40];
    for (let halving = 0; halving < 100; halving++) {
      const middle = 0.5 * (low + high);
      const at = toPhysical(
        transforms.map(() => middle),
        { dim: transforms.length, transforms },
      )[i]!;
      if (at < wanted) low = middle;
      else high = middle;
    }
    return low;
  });
}
