/** Log q of own samples by tiles of a matrix product: against the twin, and in whole iterations beside the kernel that takes samples one by one. */
import fc from 'fast-check';
import { openDevice } from '../../src/gpu/device.ts';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { nva } from '../../src/index.ts';
import { packedRoom } from '../../src/kernels/compose.ts';
import { densityTilesKernel, TILE } from '../../src/kernels/density-tiles.ts';
import { packKernel } from '../../src/kernels/pack.ts';
import { chunkLayout, controlLayout, LANES, NO_VALUE, pack, paramsLayout } from '../../src/kernels/state.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { planRun } from '../../src/run/plan-run.ts';
import { disagreement, Trial } from '../../src/run/trial.ts';
import { chooseVariants } from '../../src/run/variants.ts';
import type { Cases } from '../harness/cases.ts';
import { logDensity, logGaussian } from '../reference/mixture.ts';
import { ROOM } from './grouping.ts';
import { compileAll, forAll, onBench } from './kernel-run.ts';
import { Content, chunkOf, defaultControl, defaultParams, liveCounts, randomMixture, randomRectangles } from './kernels-content.ts';
import { densityBounds, EPSILON, expectEqual, expectNear, expectSameBits } from './kernels-tolerance.ts';

interface Sizes {
  components: number;
  samples: number;
  leaves: number;
  content: number;
}

async function tilesProperty(device: GPUDevice, dim: number, { components, samples, leaves: most, content }: Sizes): Promise<void> {
  const random = new Content(content);
  const leaves = Math.min(most, samples);
  const mixture = randomMixture(random, dim, components, 'full', 0.4);
  const temperature = random.uniform(0.1, 2);
  const own = Array.from({ length: components * samples }, (_, n) => {
    const { mean } = mixture.components[Math.floor(n / samples)];
    return mean.map((entry) => Math.fround(entry + random.normal(random.chance(0.2) ? 3 : 0.3)));
  });
  const values = own.map(() => (random.chance(0.1) ? NO_VALUE : Math.fround(random.normal(10))));
  const squares = own.map((x, n) => {
    const component = mixture.components[Math.floor(n / samples)];
    return 2 * (component.logNormaliser - logGaussian(component, x));
  });
  const control = { ...defaultControl, ...liveCounts({ components, samples, leaves }), temperature };
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, control),
      ms_params: pack(paramsLayout, { ...defaultParams, components, samples, leaves }),
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      ms_packed: 4 * packedRoom(dim, ROOM, { size: 4, memory: 'storage' }),
    });
    await bench.dispatch(packKernel({ dim }), ROOM);
    const given = Float32Array.from(values.flatMap((l, n) => [l, squares[n], 5, 6]));
    bench.put({ ms_values: given });
    for (const rectangle of randomRectangles(random, components, leaves)) {
      const chunk = chunkOf(rectangle, samples, leaves, { slack: random.integer(3), lanes: LANES, gridWidth: 3 });
      const { first_component, component_count, first_sample, sample_count, stride } = chunk.values;
      const points = new Float32Array(dim * stride);
      for (let k = first_component; k < first_component + component_count; k++) {
        for (let s = first_sample; s < first_sample + sample_count; s++) {
          own[k * samples + s].forEach((entry, i) => {
            points[i * stride + chunk.index(k, s)] = entry;
          });
        }
      }
      bench.put({ ms_chunk: pack(chunkLayout, chunk.values), ms_points: points });
      // Some workgroups too many.
      await bench.dispatch(densityTilesKernel({ dim }), gridOf(component_count * Math.ceil(sample_count / TILE) + 1, 2));
    }
    const [got] = await bench.floats('ms_values');
    own.forEach((x, n) => {
      const bound = densityBounds(mixture, x).logQ;
      const want = logDensity(mixture.components, x);
      expectNear(`log q of sample ${n}`, got[4 * n + 2], want, bound);
      expectEqual(`l of sample ${n}`, got[4 * n], values[n]);
      if (values[n] === NO_VALUE) expectEqual(`f of sample ${n}`, got[4 * n + 1], NO_VALUE);
      else {
        const f = values[n] - temperature * want;
        expectNear(`f of sample ${n}`, got[4 * n + 1], f, temperature * bound + 2 * EPSILON * (Math.abs(f) + Math.abs(temperature * want)));
      }
    });
    bench.put({ ms_control: pack(controlLayout, { ...control, stop: 1 }), ms_values: given });
    await bench.dispatch(densityTilesKernel({ dim }), 1);
    expectSameBits('values after the stop', (await bench.bytes('ms_values'))[0], given.buffer);
  });
}

/** Iterations of a run of its own shape, by either kernel from the same state and draws. */
async function sameIterations(device: GPUDevice, components: number, samples: number): Promise<void> {
  const dim = 50;
  const gpu = await openDevice({ device });
  const wgsl =
    'fn objective(x: Point) -> f32 { var sum = 0.0; for (var i = 0u; i < DIM; i++) { sum += f32(i + 1u) * x[i] * x[i] + sin(3.0 * x[i]); } return sum; }';
  const objective = readTarget({ wgsl, box: [-2, 2], dim }, 'minimize');
  const method = nva({ estimator: 'score' }).resolve({ derivatives: 'value', dim });
  const shape = { components, samples, seed: 3 };
  const { plan, capacity } = await planRun(device, objective, method, shape);
  const rule = chooseVariants(method, objective, plan, capacity);
  const trialOf = (variants: typeof rule) =>
    Trial.open(gpu, objective, method, { ...shape, chosen: { tuning: 'auto', variants, warnings: [] } });
  const [plain, tiled] = [await trialOf(rule), await trialOf({ ...rule, density: 'tiles' })];
  try {
    if (!(await plain.begin())) throw new Error('no usable values');
    tiled.adopt(plain);
    const wrong = disagreement(await tiled.answer(), await plain.answer());
    if (wrong) throw new Error(wrong);
  } finally {
    plain.dispose();
    tiled.dispose();
  }
}

const makeCases = (dims: readonly number[], runs: number): Cases => ({
  ...Object.fromEntries(
    dims.map((dim) => [
      `log q by tiles, d = ${dim}`,
      async (device: GPUDevice) => {
        await compileAll(device, [densityTilesKernel({ dim }), packKernel({ dim })]);
        const inputs = {
          components: fc.integer({ min: 1, max: 4 }),
          samples: fc.integer({ min: 1, max: 80 }),
          leaves: fc.integer({ min: 1, max: 5 }),
          content: fc.nat(),
        };
        const examples = [
          { components: 1, samples: 1, leaves: 1, content: 2 },
          { components: 3, samples: 65, leaves: 2, content: 1 },
        ];
        await forAll(runs, inputs, examples, (sizes) => tilesProperty(device, dim, sizes));
      },
    ]),
  ),
  'whole iterations by tiles': async (device) => {
    await sameIterations(device, 3, 77);
  },
});

export const cases = makeCases([17, 64, 101], 3);
export const longCases = makeCases([17, 31, 32, 33, 48, 49, 63, 64, 65, 100, 127, 128, 129, 200], 10);
