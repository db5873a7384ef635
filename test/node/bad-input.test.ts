/** What is wrong is said clearly, before anything is allocated or lost. */
import { describe, expect, it } from 'vitest';
import {
  AdapterError,
  checkGradient,
  createSolver,
  DeviceLostError,
  LimitError,
  minimize,
  nva,
  type ObjectiveBatch,
  ObjectiveError,
  OptionError,
  type SearchOptions,
  ShaderError,
} from '../../src/index.ts';
import { LEAF } from '../../src/kernels/state.ts';
import { planSamples } from '../../src/sampler/plan.ts';
import { getDevice } from '../harness/device.ts';
import { requestTestDevice } from '../harness/gpu.ts';

const wgsl = 'fn objective(x: Point) -> f32 { return x[0] * x[0] + x[1] * x[1]; }';
const box: [number, number][] = [
  [-1, 1],
  [-1, 1],
];

async function failure(options: Partial<SearchOptions> & Record<string, unknown>): Promise<Error> {
  const device = await getDevice();
  try {
    await minimize({ device, wgsl, box, evaluations: 3000, ...options } as SearchOptions);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('options', () => {
  const bad: [string, Record<string, unknown>, RegExp][] = [
    [
      'lower bound above upper',
      {
        box: [
          [1, -1],
          [0, 1],
        ],
      },
      /box\[0\].*below/,
    ],
    [
      'lower bound equal to upper',
      {
        box: [
          [0, 1],
          [2, 2],
        ],
      },
      /box\[1\]/,
    ],
    [
      'a bound that is not finite',
      {
        box: [
          [0, Number.POSITIVE_INFINITY],
          [0, 1],
        ],
      },
      /box\[0\].*finite/,
    ],
    ['a bound that is NaN', { box: [[0, Number.NaN]] }, /box\[0\].*finite/],
    ['a box of another length than dim', { dim: 3 }, /2 dimensions, but dim is 3/],
    ['no dimensions', { box: [] }, /box/],
    ['too many dimensions', { box: [-1, 1], dim: 513 }, /1 to 512/],
    ['fractional dimensions', { box: [-1, 1], dim: 2.5 }, /1 to 512/],
    ['bounds that float32 cannot tell apart', { box: [[1e10, 1e10 + 1]], dim: 2 }, /box\[0\].*float32/],
    ['a method by its name', { method: 'nva' }, /method must be/],
    ['no components', { components: 0 }, /components is 0/],
    ['negative components', { components: -4 }, /components is -4/],
    ['fractional components', { components: 1.5 }, /components is 1.5/],
    ['too many components', { components: 1025 }, /components is 1025.*1024/],
    ['no samples', { samples: 0 }, /samples is 0/],
    ['fractional samples', { samples: 10.2 }, /samples is 10.2/],
    ['absurd samples', { samples: 1e12 }, /samples/],
    ['no evaluations', { evaluations: 0 }, /evaluations is 0/],
    ['negative iterations', { iterations: -1 }, /iterations is -1/],
    ['no seconds', { seconds: 0 }, /seconds is 0/],
    ['a seed that is no whole number', { seed: 0.5 }, /seed is 0.5/],
    ['a seed past 2^53', { seed: 2 ** 53 }, /seed/],
    ['an unknown option', { componets: 4 }, /componets.*did you mean components/],
    ['an unknown boundary', { boundary: 'reflct' }, /boundary is "reflct"/],
    ['two objectives', { host: () => [0] }, /one objective/],
    ['a text that is empty', { wgsl: '  ' }, /wgsl/],
    ['four data arrays', { data: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, new Float32Array(1)])) }, /at most three/],
    ['data that are not finite', { data: { a: Float32Array.of(1, Number.NaN) } }, /data\.a\[1\]/],
  ];
  for (const [name, options, message] of bad) {
    it(name, async () => {
      const error = await failure(options);
      expect(error).toBeInstanceOf(OptionError);
      expect(error.message).toMatch(message);
    });
  }

  it('method options: unknown names get the nearest ones', () => {
    expect(() => nva({ coolng: 0.1 } as never)).toThrow(/coolng.*did you mean cooling/);
    expect(() => nva({ estimator: 'stien' } as never).resolve({ derivatives: 'gradient', dim: 2 })).toThrow(/stein/);
    expect(() => nva({ rate: -1 }).resolve({ derivatives: 'value', dim: 2 })).toThrow(/rate is -1/);
    expect(() => nva({ estimator: 'stein' }).resolve({ derivatives: 'value', dim: 2 })).toThrow(/value_and_gradient/);
    expect(() => nva({ estimator: 'ranked', sampling: 'mixture' }).resolve({ derivatives: 'value', dim: 2 })).toThrow(/ranked/);
  });
});

describe('objectives', () => {
  it("a WGSL mistake is reported at the user's own line and column", async () => {
    const text = 'fn helper(a: f32) -> f32 {\n  return a * undefined_name;\n}\nfn objective(x: Point) -> f32 { return helper(x[0]); }';
    const error = (await failure({ wgsl: text, file: 'mine.wgsl' })) as ShaderError;
    expect(error).toBeInstanceOf(ShaderError);
    expect([error.file, error.line, error.column]).toEqual(['mine.wgsl', 2, 14]);
    expect(error.message).toMatch(/^mine\.wgsl:2:14: .*undefined_name/);
  });

  it('a WGSL syntax error too', async () => {
    const error = (await failure({ wgsl: 'fn objective(x: Point) -> f32 {\n  return x[0] +;\n}' })) as ShaderError;
    expect([error.name, error.file, error.line]).toEqual(['ShaderError', 'objective.wgsl', 2]);
  });

  it('a text without an objective says what to define', async () => {
    const error = await failure({ wgsl: 'fn objectiv(x: Point) -> f32 { return 0.0; }' });
    expect(error).toBeInstanceOf(ShaderError);
    expect(error.message).toMatch(/fn objective\(x: Point\) -> f32/);
  });

  it("names of the library's are refused at their line", async () => {
    const error = (await failure({ wgsl: `\nfn ms_main() {}\n${wgsl}` })) as ShaderError;
    expect([error.name, error.line]).toEqual(['ShaderError', 2]);
  });

  it('no usable value anywhere', async () => {
    const text = 'fn objective(x: Point) -> f32 { return bitcast<f32>(0x7f800000u | u32(x[0] > 1e30)); }';
    const error = await failure({ wgsl: text });
    expect(error).toBeInstanceOf(ObjectiveError);
    expect(error.message).toMatch(/no usable number/);
  });

  it('a host objective that returns too few values', async () => {
    const error = await failure({ wgsl: undefined, host: () => [1, 2] });
    expect(error).toBeInstanceOf(ObjectiveError);
    expect(error.message).toMatch(/returned 2 values/);
  });

  it('a host objective that throws: its own error comes through', async () => {
    const error = await failure({
      wgsl: undefined,
      host: () => {
        throw new Error('my own');
      },
    });
    expect(error.message).toBe('my own');
  });

  it('checkGradient tells a right gradient from a wrong one', async () => {
    const device = await getDevice();
    const text = (factor: string) => `${wgsl}
      fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
        (*gradient)[0] = ${factor} * x[0]; (*gradient)[1] = 2.0 * x[1]; return objective(x);
      }`;
    expect((await checkGradient({ wgsl: text('2.0'), box }, { device })).ok).toBe(true);
    const wrong = await checkGradient({ wgsl: text('3.0'), box }, { device });
    expect(wrong.ok).toBe(false);
    expect(wrong.at.coordinate).toBe(0);
    const exact = { value: (x: Float64Array) => x[0]! ** 2 + x[1]! ** 2 };
    const checked = await checkGradient({ wgsl: text('2.01'), box, exact }, { device });
    expect([checked.ok, checked.precision]).toEqual([false, 'f64']);
    const nan = 'bitcast<f32>(0x7fc00000u | u32(x[0] > 1e30))';
    expect((await checkGradient({ wgsl: text(nan), box }, { device })).ok).toBe(false);
    await expect(checkGradient({ wgsl, box }, { device })).rejects.toThrow(ObjectiveError);
  });
});

describe('a solver', () => {
  const still = nva({ schedule: 'fixed', firstTemperature: 1 });

  it('ends when an iteration has no usable value', async () => {
    const device = await getDevice();
    const text = 'fn objective(x: Point) -> f32 { return bitcast<f32>(0x7f800000u | u32(x[0] > 1e30)); }';
    const solver = await createSolver({ wgsl: text, box }, still, { device });
    const reasons: string[] = [];
    for await (const { stopReasons } of solver) reasons.push(...stopReasons);
    solver.dispose();
    expect(reasons).toEqual(['no usable values']);
  });

  it('disposed in mid-run: an error, not an endless run', async () => {
    await getDevice();
    const device = await requestTestDevice();
    const solver = await createSolver({ wgsl, box }, still, { device });
    setTimeout(() => solver.dispose(), 100);
    await expect(solver.run()).rejects.toThrow(/destroyed in mid-run/);
    device.destroy();
  });

  it('an invalid pass of the objective: an error, not an endless run', async () => {
    await getDevice();
    const device = await requestTestDevice();
    const buffers = {
      encode: (batch: ObjectiveBatch, encoder: GPUCommandEncoder) => encoder.copyBufferToBuffer(batch.points, 3, batch.values, 0, 4),
    };
    const solver = await createSolver({ buffers, box }, still, { device });
    await expect(solver.run()).rejects.toThrow(/the objective encoded is invalid/);
    solver.dispose();
    device.destroy();
  });

  it('has nothing to ask once it has ended', async () => {
    const solver = await createSolver({ box }, still, { device: await getDevice(), components: 2, samples: 4, iterations: 1 });
    const { count } = await solver.ask();
    await solver.tell(new Float64Array(count));
    await expect(solver.ask()).rejects.toThrow(/ended \(iterations\)/);
    solver.dispose();
  });

  it('asks for all points of an iteration at once, or says that they do not fit', async () => {
    const device = await getDevice();
    const error = await createSolver({ box: [-1, 1], dim: 16 }, nva({ firstTemperature: 1 }), {
      device,
      components: 1,
      samples: 2 ** 22,
    }).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(LimitError);
    expect(error.message).toMatch(/ask\(\)/);
  });

  it('steps a whole number of times, and takes no options of a search', async () => {
    const device = await getDevice();
    const solver = await createSolver({ wgsl, box }, still, { device });
    await expect(solver.step(Number.NaN)).rejects.toThrow(OptionError);
    solver.dispose();
    await expect(createSolver({ wgsl, box }, still, { device, waves: 2 } as never)).rejects.toThrow(/waves/);
  });

  it('counts every call of the objective, and keeps to its budget', async () => {
    let calls = 0;
    const host = (x: Float64Array, count: number) => {
      calls += count;
      return new Float64Array(count).map((_, i) => x[2 * i]! ** 2);
    };
    const device = await getDevice();
    const solver = await createSolver({ host, box }, nva({ components: 4, samples: 32 }), { device, evaluations: 400 });
    const { evaluations } = await solver.run();
    solver.dispose();
    expect(evaluations).toBe(calls);
    expect(calls).toBeLessThanOrEqual(400);
  });
});

describe('limits', () => {
  it('too many samples an iteration: says how many fit', async () => {
    const error = (await failure({ components: 8, samples: 2 ** 20, evaluations: 1e9 })) as LimitError;
    expect(error).toBeInstanceOf(LimitError);
    expect(error.largest).toBe(2 ** 19);
  });

  it('covariances larger than a binding: nothing is allocated, the largest K is named', async () => {
    const device = await getDevice();
    const error = (await failure({
      box: [-1, 1],
      dim: 512,
      components: 1024,
      wgsl: 'fn objective(x: Point) -> f32 { return x[0]; }',
    })) as LimitError;
    expect(error).toBeInstanceOf(LimitError);
    expect(error.limit).toBe('maxStorageBufferBindingSize');
    expect(error.largest).toBe(Math.floor(device.limits.maxStorageBufferBindingSize / (512 * 513 * 4)));
    expect(error.message).toMatch(/MiB/);
  });

  it('the Hessian estimator beyond its dimensions', async () => {
    const text = `fn objective(x: Point) -> f32 { return x[0]; }
      fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 { return x[0]; }`;
    const error = await failure({ box: [-1, 1], dim: 40, wgsl: text, method: nva({ estimator: 'hessian' }) });
    expect(error.message).toMatch(/hessian|Hessian/);
  });

  it('a plan covers every sample of every component exactly once', () => {
    for (const [components, samplesPerComponent, largest] of [
      [1, 1, 1e6],
      [7, 1000, 900],
      [7, 1000, 2000],
      [3, 5000, 2100],
      [1, 2 ** 22, 2 ** 25],
      [1024, 4096, 2 ** 22],
    ] as const) {
      for (const sampling of ['own', 'flat'] as const) {
        if (sampling === 'flat' && components * samplesPerComponent > 1e5) continue;
        // Rows of a shared batch have a weight for every component: a leaf of them must fit.
        if (sampling === 'flat' && components * LEAF > largest) continue;
        const plan = planSamples({ components, samplesPerComponent, sampling, partSize: 20, perSample: 3, largest });
        const seen = plan.batches.flatMap(({ chunks }) => chunks).reduce((sum, chunk) => sum + chunk.componentCount * chunk.sampleCount, 0);
        expect(seen).toBe(components * plan.samples);
        expect(plan.chunkSize * 3).toBeLessThanOrEqual(largest);
        if (sampling === 'flat') expect(plan.batchSize * components).toBeLessThanOrEqual(largest);
      }
    }
  });
});

describe('devices', () => {
  it('a device lost in mid-run: a typed error with the last snapshot', async () => {
    await getDevice();
    const device = await requestTestDevice();
    const solver = await createSolver({ wgsl, box }, nva({ schedule: 'fixed', firstTemperature: 1 }), { device });
    await solver.step(5);
    setTimeout(() => device.destroy(), 150);
    const error = await solver.run().then(
      () => undefined,
      (reason: DeviceLostError) => reason,
    );
    expect(error).toBeInstanceOf(DeviceLostError);
    expect(error?.snapshot).toMatchObject({ iteration: 5 });
  });

  it('two runs of one solver at once are refused', async () => {
    const device = await getDevice();
    const solver = await createSolver({ wgsl, box }, nva({ schedule: 'fixed', firstTemperature: 1 }), { device });
    const first = solver.step(3);
    await expect(solver.step()).rejects.toThrow(/already running/);
    expect((await first).iteration).toBe(3);
    expect((await solver.step()).iteration).toBe(4);
    solver.dispose();
  });

  it('a device lost in mid-search: what the search knew comes with the error', async () => {
    await getDevice();
    const device = await requestTestDevice();
    let iterations = 0;
    const error = await minimize({
      device,
      wgsl,
      box,
      method: nva({ schedule: 'fixed', firstTemperature: 1 }),
      onProgress: ({ iteration }) => {
        iterations = iteration;
        if (iteration > 10) device.destroy();
      },
    }).then(
      () => undefined,
      (reason: DeviceLostError) => reason,
    );
    expect(error).toBeInstanceOf(DeviceLostError);
    expect(error?.snapshot).toMatchObject({ iteration: iterations, modes: [] });
  });

  it('a device that was lost before', async () => {
    await getDevice();
    const device = await requestTestDevice();
    device.destroy();
    await device.lost;
    await expect(minimize({ device, wgsl, box })).rejects.toThrow(DeviceLostError);
  });

  it("the caller's device is never destroyed", async () => {
    await getDevice();
    const device = await requestTestDevice();
    let lost = false;
    device.lost.then(() => {
      lost = true;
    });
    await minimize({ device, wgsl, box, evaluations: 5000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lost).toBe(false);
    device.destroy();
  });

  it('no adapter: says what to install', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    const error = await minimize({ gpu, wgsl, box }).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(AdapterError);
    expect(error.message).toMatch(/driver|install/);
  });

  it('an abort ends the run with what was found', async () => {
    const device = await getDevice();
    const controller = new AbortController();
    const result = await minimize({
      device,
      wgsl,
      box,
      evaluations: 1e9,
      method: nva({ schedule: 'fixed', firstTemperature: 1 }),
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        if (iteration > 20) controller.abort();
      },
    });
    expect(result.status).toBe('aborted');
    expect(result.stopReasons).toContain('aborted');
    expect(result.iterations).toBeGreaterThan(20);
  });

  it('budgets are never passed', async () => {
    const device = await getDevice();
    for (const evaluations of [1, 10, 513, 2000, 7777]) {
      const result = await minimize({ device, wgsl, box, evaluations, seed: evaluations });
      expect(result.evaluations).toBeLessThanOrEqual(evaluations);
    }
    for (const evaluations of [512, 513, 514]) {
      const result = await minimize({ device, wgsl, box, evaluations, components: 16, samples: 32 });
      expect(result.evaluations).toBeLessThanOrEqual(evaluations);
    }
  });

  it('the time budget of a single wave is named as what stopped it', async () => {
    const method = nva({ schedule: 'fixed', firstTemperature: 1 });
    const result = await minimize({ device: await getDevice(), wgsl, box, method, waves: 1, seconds: 0.1, evaluations: 1e9 });
    expect(result.stopReasons).toEqual(['seconds']);
  });
});
