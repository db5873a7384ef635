/** Whole searches through the public face, unchanged in Node and in Chromium. */

import { openDevice } from '../../src/gpu/device.ts';
import { createSolver, maximize, minimize, nva, posteriorNva, sample } from '../../src/index.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { findProblem } from '../../src/problems/index.ts';
import type { Engine } from '../../src/run/engine.ts';
import { Solver } from '../../src/run/solver.ts';

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

const near = (a: readonly number[], b: readonly number[], tolerance: number) => a.every((v, i) => Math.abs(v - b[i]!) <= tolerance);

const himmelblau = findProblem('himmelblau')!.at();
const himmelblauModes = [
  [3, 2],
  [-2.805118, 3.131313],
  [-3.77931, -3.283186],
  [3.584428, -1.848127],
];

/** The mixture's bits after a number of iterations, for a given way of chunking and submitting. */
async function bits(
  device: GPUDevice,
  how: { chunkFloats?: number; iterationsPerSubmit?: number; method?: ReturnType<typeof nva> },
): Promise<string> {
  const problem = findProblem('styblinski-tang')!.at(3);
  const objective = readTarget({ wgsl: problem.wgsl, box: problem.box }, 'minimize');
  const method = (how.method ?? nva()).resolve({ derivatives: objective.derivatives, dim: 3 });
  const solver = await Solver.create(await openDevice({ device }), objective, method, {
    components: 3,
    samples: 700,
    seed: 7,
    iterations: 9,
    ...how,
  });
  try {
    await solver.run();
    const { components, factors } = await (solver.engine as Engine).read();
    return Array.from(new Uint32Array(components.buffer))
      .concat(Array.from(new Uint32Array(factors.buffer)))
      .join();
  } finally {
    solver.dispose();
  }
}

export const cases: Record<string, (device: GPUDevice) => Promise<void>> = {
  'minimize finds the four minima of Himmelblau and nothing else': async (device) => {
    const result = await minimize({ device, wgsl: himmelblau.wgsl, box: himmelblau.box, seed: 3 });
    check(result.modes.length === 4, `${result.modes.length} modes`);
    for (const mode of himmelblauModes)
      check(
        result.modes.some(({ x }) => near(x, mode, 1e-3)),
        `no mode at ${mode}`,
      );
    check(
      result.modes.every(({ global, value, polished }) => global && Math.abs(value) < 1e-6 && polished === 'f32'),
      'values',
    );
    const weights = result.modes.reduce((sum, { weight }) => sum + weight, 0);
    check(Math.abs(weights - 1) < 1e-9, `weights sum to ${weights}`);
    check(result.status === 'success' && result.stopReasons.includes('all modes found'), result.message);
  },

  'maximize finds all modes of the four Gaussians': async (device) => {
    const problem = findProblem('four-modes')!.at();
    const exact = { value: problem.value };
    const result = await maximize({ device, wgsl: problem.wgsl, box: problem.box, exact, seed: 1 });
    check(result.modes.length === 4, `${result.modes.length} modes`);
    for (const mode of problem.known!.modes)
      check(
        result.modes.some(({ x }) => near(x, mode, 1e-6)),
        `no mode at ${mode}`,
      );
    check(
      result.modes.every(({ weight }) => Math.abs(weight - 0.25) < 0.02),
      'weights',
    );
  },

  'a budget of seconds that is not used up changes nothing': async (device) => {
    const { wgsl, box } = himmelblau;
    const options = { device, wgsl, box, waves: 1 };
    const [free, timed] = [await minimize(options), await minimize({ ...options, seconds: 500.5 })];
    check(JSON.stringify(timed.modes) === JSON.stringify(free.modes), 'other modes');
  },

  'the same seed gives the same bits, however iterations are submitted and samples chunked': async (device) => {
    for (const method of [nva(), nva({ estimator: 'score', sampling: 'stratified' })]) {
      const reference = await bits(device, { method });
      check((await bits(device, { method })) === reference, 'a rerun differs');
      check((await bits(device, { method, iterationsPerSubmit: 1 })) === reference, 'one iteration a submit differs');
      check((await bits(device, { method, chunkFloats: 1000 })) === reference, 'small chunks differ');
      check((await bits(device, { method, chunkFloats: 5000 })) === reference, 'middle chunks differ');
    }
  },

  'a quadratic: Sigma times the curvature tends to the temperature': async (device) => {
    const curvature = [4, 0.5];
    const wgsl = `fn objective(x: Point) -> f32 { return -0.5 * (4.0 * x[0] * x[0] + 0.5 * x[1] * x[1]); }
      fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 { (*gradient)[0] = -4.0 * x[0]; (*gradient)[1] = -0.5 * x[1]; return objective(x); }`;
    const method = nva({ schedule: 'fixed', firstTemperature: 0.01, components: 1, samples: 64 });
    const solver = await createSolver({ wgsl, box: [-4, 4], dim: 2, sense: 'maximize' }, method, { device, iterations: 200 });
    const { mixture } = await solver.run();
    solver.dispose();
    curvature.forEach((entry, i) => {
      const ratio = (mixture.covariances[0]![i]![i]! * entry) / 0.01;
      // Stein is exact on a quadratic up to the spread of eps eps^T over 64 samples, averaged over 1/eta iterations.
      check(Math.abs(ratio - 1) < 0.25, `Sigma H / omega is ${ratio} on axis ${i}`);
    });
  },

  'modes on the boundary are found, modes inside are not moved': async (device) => {
    // Falls towards x = 1 and y = -1: the corner is a minimum, and so is the smooth one inside.
    const wgsl = `fn objective(x: Point) -> f32 {
      let inner = 1.5 * exp(-20.0 * ((x[0] + 0.5) * (x[0] + 0.5) + (x[1] - 0.4) * (x[1] - 0.4)));
      return 0.2 * (x[1] - x[0]) - inner;
    }`;
    for (const boundary of ['penalise', 'reflect', 'clamp', 'smooth'] as const) {
      const result = await minimize({ device, wgsl, box: [-1, 1], dim: 2, boundary, seed: 2 });
      check(
        result.modes.some(({ x }) => near(x, [1, -1], 1e-5)),
        `${boundary}: corner not found: ${JSON.stringify(result.modes.map(({ x }) => x))}`,
      );
      check(
        result.modes.some(({ x }) => near(x, [-0.4967, 0.3967], 2e-3)),
        `${boundary}: inner mode not found: ${JSON.stringify(result.modes.map(({ x }) => x))}`,
      );
      check(result.modes.length === 2, `${boundary}: ${result.modes.length} modes`);
    }
  },

  'a host objective is searched like any other': async (device) => {
    let calls = 0;
    const host = (x: Float64Array, count: number, dim: number) => {
      calls += count;
      return Float64Array.from({ length: count }, (_, i) => (x[i * dim]! ** 2 - 1) ** 2 + (x[i * dim + 1]! - 0.25) ** 2);
    };
    const result = await minimize({
      device,
      host,
      box: [
        [-2, 2],
        [-2, 2],
      ],
      seed: 4,
      components: 4,
      evaluations: 20000,
    });
    check(result.modes.length === 2, `${result.modes.length} modes`);
    for (const mode of [
      [-1, 0.25],
      [1, 0.25],
    ])
      check(
        result.modes.some(({ x }) => near(x, mode, 1e-6)),
        `no mode at ${mode}`,
      );
    check(calls === result.evaluations, `${calls} calls, ${result.evaluations} reported`);
    check(
      result.modes.every(({ polished }) => polished === 'f64'),
      'polished',
    );
  },

  'a buffer-filling objective, with and without gradient, encoded or submitted by itself': async (device) => {
    const filler = (gradient: boolean) => {
      const module = device.createShaderModule({
        code: `@group(0) @binding(0) var<storage, read> x: array<f32>;
          @group(0) @binding(1) var<storage, read_write> v: array<f32>;
          ${gradient ? '@group(0) @binding(2) var<storage, read_write> g: array<f32>;' : ''}
          @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
            let i = id.x;
            if (i >= arrayLength(&v)) { return; }
            let a = x[2u * i] * x[2u * i] - 1.0;
            v[i] = a * a + x[2u * i + 1u] * x[2u * i + 1u];
            ${gradient ? 'g[2u * i] = 4.0 * a * x[2u * i]; g[2u * i + 1u] = 2.0 * x[2u * i + 1u];' : ''}
          }`,
      });
      const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
      return (
        batch: { points: GPUBuffer; values: GPUBuffer; gradients?: GPUBuffer | undefined; count: number },
        encoder: GPUCommandEncoder,
      ) => {
        const buffers = [batch.points, batch.values, ...(gradient ? [batch.gradients!] : [])];
        const group = device.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
        });
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(Math.ceil(batch.count / 64));
        pass.end();
      };
    };
    for (const gradient of [false, true]) {
      const encode = filler(gradient);
      const objectives = [
        { gradient, encode },
        {
          gradient,
          run: async (batch: Parameters<typeof encode>[0]) => {
            const encoder = device.createCommandEncoder();
            encode(batch, encoder);
            device.queue.submit([encoder.finish()]);
          },
        },
      ];
      for (const buffers of objectives) {
        const result = await minimize({
          device,
          buffers,
          box: [
            [-2, 2],
            [-2, 2],
          ],
          seed: 4,
          components: 4,
          evaluations: 20000,
        });
        check(result.modes.length === 2, `${result.modes.length} modes`);
        for (const mode of [
          [-1, 0],
          [1, 0],
        ])
          check(
            result.modes.some(({ x }) => near(x, mode, 2e-3)),
            `no mode at ${mode}: ${JSON.stringify(result.modes.map(({ x }) => x))}`,
          );
      }
    }
  },

  'ask and tell make the same steps as a host objective': async (device) => {
    const f = (x: ArrayLike<number>) => (x[0]! - 0.5) ** 2 + x[1]! ** 2;
    const box: [number, number][] = [
      [-2, 2],
      [-2, 2],
    ];
    const method = () => nva({ firstTemperature: 1, components: 3, samples: 20 });
    const asked = await createSolver({ box }, method(), { device, seed: 9 });
    const host = (x: Float64Array, count: number) => Float64Array.from({ length: count }, (_, i) => f(x.subarray(2 * i, 2 * i + 2)));
    const hosted = await createSolver({ host, box }, method(), { device, seed: 9 });
    for (let t = 0; t < 5; t++) {
      const { points, count } = await asked.ask();
      await asked.tell(host(points, count));
    }
    await hosted.step(5);
    check(JSON.stringify(asked.snapshot) === JSON.stringify(hosted.snapshot), 'snapshots differ');
    let refused = '';
    await asked.tell([1]).catch((error) => {
      refused = String(error);
    });
    check(refused.includes('ask()'), 'tell without ask must be refused');
    asked.dispose();
    hosted.dispose();
  },

  'data arrays reach the objective': async (device) => {
    const result = await minimize({
      device,
      wgsl: 'fn objective(x: Point) -> f32 { return (x[0] - target_x[0]) * (x[0] - target_x[0]) + (x[1] - target_x[1]) * (x[1] - target_x[1]); }',
      data: { target_x: Float32Array.of(0.25, -0.75) },
      box: [
        [-1, 1],
        [-1, 1],
      ],
      evaluations: 30000,
    });
    check(result.modes.length === 1 && near(result.modes[0]!.x, [0.25, -0.75], 2e-3), JSON.stringify(result.modes.map(({ x }) => x)));
  },

  'values that are not numbers are counted and the search goes on': async (device) => {
    const wgsl = `fn objective(x: Point) -> f32 {
      let bad = bitcast<f32>(0x7fc00000u | u32(x[0] > 1e30));
      if (x[0] > 0.5) { return bad; }
      return (x[0] + 0.5) * (x[0] + 0.5) + x[1] * x[1];
    }`;
    const result = await minimize({ device, wgsl, box: [-1, 1], dim: 2, evaluations: 60000 });
    check(result.nonFinite > 100, `${result.nonFinite} counted`);
    check(result.modes.length === 1 && near(result.modes[0]!.x, [-0.5, 0], 2e-3), JSON.stringify(result.modes.map(({ x }) => x)));
    check(JSON.stringify(result.mixture).indexOf('null') < 0, 'the mixture holds NaN');
  },

  'sample ends at temperature 1 with the weights of the posterior': async (device) => {
    const wgsl = `fn objective(x: Point) -> f32 {
      let a = log(0.8) - 0.5 * ((x[0] + 2.0) * (x[0] + 2.0) + x[1] * x[1]) / 0.25;
      let b = log(0.2) - 0.5 * ((x[0] - 2.0) * (x[0] - 2.0) + x[1] * x[1]) / 0.25;
      return max(a, b) + log(1.0 + exp(-abs(a - b)));
    }`;
    const result = await sample({ device, wgsl, box: [-4, 4], dim: 2, seed: 5, method: posteriorNva(), iterations: 300 });
    const left = result.mixture.means.reduce((sum, mean, k) => sum + (mean[0]! < 0 ? result.mixture.weights[k]! : 0), 0);
    check(Math.abs(left - 0.8) < 0.05, `left weight ${left}`);
  },
};
