/** Choosing kernel variants by trial: on devices that refuse some kernels, compute others wrong, or allow less than they did. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openDevice } from '../../src/gpu/device.ts';
import { createSolver, minimize, nva, type SolverOptions } from '../../src/index.ts';
import { readTarget } from '../../src/objective/objective.ts';
import { alternatives, isAdmissible, type VariantLimits, variantLimits } from '../../src/run/admissible.ts';
import { planRun } from '../../src/run/plan-run.ts';
import { sameVariants } from '../../src/run/tune.ts';
import { chooseVariants, describeVariants, type Variants } from '../../src/run/variants.ts';
import { getDevice } from '../harness/device.ts';

const target = {
  wgsl: 'fn objective(x: Point) -> f32 { return pow(x[0] * x[0] - 1.0, 2.0) + x[1] * x[1] + 0.3 * x[0] * x[1]; }',
  box: [-2, 2] as [number, number],
  dim: 2,
};
const method = nva({ estimator: 'score' });

// A trial compiles every candidate.
vi.setConfig({ testTimeout: 180_000 });
const shape = { components: 3, samples: 100, seed: 4 };

/** The device with other ways: limits, texts of shaders, and pipelines that its driver refuses. */
function withFaults(
  device: GPUDevice,
  faults: {
    limits?: Partial<VariantLimits>;
    features?: Set<string>;
    rewrite?: (code: string) => string;
    refuses?: (code: string) => boolean;
  },
) {
  const codes = new WeakMap<GPUShaderModule, string>();
  const count = { pipelines: 0 };
  const own: Record<string, unknown> = {
    limits: { ...Object.fromEntries(variantLimits.map((name) => [name, device.limits[name]])), ...faults.limits },
    features: faults.features ?? device.features,
    createShaderModule: (descriptor: GPUShaderModuleDescriptor) => {
      const module = device.createShaderModule({ ...descriptor, code: faults.rewrite?.(descriptor.code) ?? descriptor.code });
      codes.set(module, descriptor.code);
      return module;
    },
    createComputePipelineAsync: async (descriptor: GPUComputePipelineDescriptor) => {
      count.pipelines++;
      if (faults.refuses?.(codes.get(descriptor.compute.module)!)) throw new Error('no registers left');
      return device.createComputePipelineAsync(descriptor);
    },
  };
  const faulty = new Proxy(device, {
    get: (_, name: string) => {
      if (name in own) return own[name];
      const value = Reflect.get(device, name, device);
      return typeof value === 'function' ? value.bind(device) : value;
    },
  });
  return { device: faulty, count };
}

const solverOn = (device: GPUDevice, more: SolverOptions = {}) => createSolver(target, method, { device, ...shape, ...more });
const groupsOf = (size: number) => (code: string) => code.includes(`const ms_GROUP: u32 = ${size}u;`);

describe('a device that refuses groups of eight and gets groups of four wrong', () => {
  let faulty: ReturnType<typeof withFaults>;
  beforeAll(async () => {
    faulty = withFaults(await getDevice(), {
      refuses: groupsOf(8),
      // Densities of slightly wrong widths.
      rewrite: (code) => (groupsOf(4)(code) ? code.replaceAll('+ -0.5 * square', '+ -0.51 * square') : code),
    });
  });

  it('runs with single samples, and says why', async () => {
    const result = await minimize({ ...target, ...shape, device: faulty.device, method, tuning: 'auto', waves: 1, iterations: 20 });
    expect(result.variants).toMatchObject({ tuning: 'auto', samplesAnInvocation: '1' });
    expect(result.warnings!.filter((text) => /samplesAnInvocation 8.*failed: .*no registers left/.test(text)).length).toBeGreaterThan(0);
    expect(result.warnings!.filter((text) => /samplesAnInvocation 4.*disagrees/.test(text)).length).toBeGreaterThan(0);
    expect(result.summary().warnings).toEqual(expect.arrayContaining(result.warnings!));
  });

  it('remembers it', async () => {
    const before = faulty.count.pipelines;
    const solver = await solverOn(faulty.device, { tuning: 'auto' });
    expect(solver.variants).toMatchObject({ tuning: 'auto', samplesAnInvocation: '1' });
    expect(solver.warnings.length).toBeGreaterThan(0);
    expect(faulty.count.pipelines).toBe(before);
    solver.dispose();
  });

  it('a checkpoint is gone on with by its own variants, or not at all', async () => {
    const solver = await solverOn(faulty.device, { tuning: 'auto' });
    await solver.step(3);
    const checkpoint = await solver.save();
    const whole = await solver.step(4);
    solver.dispose();
    // On a device with nothing wrong, where a trial might choose others: nothing is tried.
    const sound = withFaults(await getDevice(), {});
    const resumed = await solverOn(sound.device, { checkpoint });
    expect(resumed.variants).toMatchObject({ tuning: 'auto', samplesAnInvocation: '1' });
    expect(await resumed.step(4)).toEqual(whole);
    resumed.dispose();
    const refusal = { name: 'CheckpointError', fault: 'other run' };
    const fixed = solverOn(sound.device, { checkpoint, tuning: 'fixed' });
    await expect(fixed).rejects.toMatchObject({ ...refusal, message: expect.stringMatching(/samplesAnInvocation is 1 there and 4 here/) });
    // And in mid-life.
    const other = await solverOn(sound.device);
    await expect(other.restore(checkpoint)).rejects.toMatchObject(refusal);
    other.dispose();
  });

  it('a mistake in the objective is the objective’s', async () => {
    const wrong = { ...target, wgsl: 'fn objective(x: Point) -> f32 { return y[0]; }', file: 'mine.wgsl' };
    const { device } = faulty;
    await expect(minimize({ ...wrong, device, method, tuning: 'auto' })).rejects.toMatchObject({ name: 'ShaderError', file: 'mine.wgsl' });
  });
});

describe('rows of a shared batch', () => {
  const among = nva({ estimator: 'score', sampling: 'mixture' });
  const solverOf = (device: GPUDevice, more: SolverOptions = {}) => createSolver(target, among, { device, ...shape, ...more });
  const moments = async (device: GPUDevice, more: SolverOptions = {}) => {
    const solver = await solverOf(device, more);
    await solver.step(3);
    const told = solver.variants.moments;
    solver.dispose();
    return told;
  };

  it('are read for neighbours on a software adapter that can, and nowhere else', async () => {
    const device = await getDevice();
    const { adapter } = await openDevice({ device });
    const can = adapter.software && device.features.has('subgroups');
    expect(await moments(device)).toBe(`a component an invocation${can ? ', rows by quads' : ''}`);
    const plain = withFaults(device, { features: new Set() }).device;
    expect(await moments(plain)).toBe('a component an invocation');
    expect(await moments(plain, { tuning: 'auto' })).not.toMatch(/quads/);
  });

  it('are read by a run that goes on as by the run before, or it is refused', async () => {
    const device = await getDevice();
    const plain = withFaults(device, { features: new Set() }).device;
    const saved = async (on: GPUDevice) => {
      const solver = await solverOf(on);
      await solver.step(2);
      const checkpoint = await solver.save();
      solver.dispose();
      return checkpoint;
    };
    const resumed = await solverOf(device, { checkpoint: await saved(plain) });
    expect(resumed.variants.moments).toBe('a component an invocation');
    resumed.dispose();
    if (!device.features.has('subgroups')) return;
    const checkpoint = await saved(device);
    await expect(solverOf(plain, { checkpoint })).rejects.toMatchObject({ name: 'CheckpointError', fault: 'other run' });
  });
});

describe('a device whose limits shrank', () => {
  it('gets no variant that exceeds them, from memory either', async () => {
    const device = await getDevice();
    const options = { ...shape, tuning: 'auto' as const };
    const before = await solverOn(withFaults(device, {}).device, options);
    const small = withFaults(device, { limits: { maxUniformBufferBindingSize: 16384 } });
    const after = await solverOn(small.device, options);
    expect(before.variants.tuning).toBe('auto');
    expect(after.variants.parameters).not.toBe('uniform');
    before.dispose();
    after.dispose();
  });

  const objective = readTarget({ ...target, data: { a: new Float32Array(4), b: new Float32Array(4) } }, 'minimize');
  const resolved = method.resolve({ derivatives: 'value', dim: 2 });

  async function allOn(device: GPUDevice, of = objective) {
    const work = { method: resolved, objective: of, ...(await planRun(device, of, resolved, shape)) };
    let all = [chooseVariants(resolved, of, work.plan, work.capacity)];
    for (const axis of alternatives(work)) all = all.flatMap(axis);
    return { work, all };
  }

  const described = (variants: Variants) => describeVariants(resolved, { tuning: 'auto', variants, warnings: [] });
  const savedBy = (variants: Variants) =>
    Object.fromEntries(Object.entries(described(variants)).map(([name, value]) => [`variants.${name}`, value]));

  it.each([2, 49])('takes up every one that it admits, d = %i', async (dim) => {
    const gpu = await openDevice({ device: await getDevice() });
    const wide = readTarget({ ...target, dim }, 'minimize');
    const { work, all } = await allOn(gpu.device, wide);
    const seen = new Set<string>();
    for (const variants of all) {
      if (!(await isAdmissible(work, variants, gpu.device.limits, true))) continue;
      const { variants: chosen } = await sameVariants(gpu, wide, resolved, shape, savedBy(variants));
      expect(described(chosen)).toEqual(described(variants));
      seen.add(variants.density);
    }
    expect(seen).toEqual(new Set(dim > 48 ? ['samples', 'tiles'] : ['samples']));
  });

  it('nor from a checkpoint', async () => {
    const gpu = await openDevice({ device: withFaults(await getDevice(), { limits: { maxUniformBufferBindingSize: 16384 } }).device });
    const { work, all } = await allOn(gpu.device);
    const refused = [];
    for (const variants of all) {
      const saved = savedBy(variants);
      const { variants: chosen } = await sameVariants(gpu, objective, resolved, shape, saved);
      expect(await isAdmissible(work, chosen, gpu.device.limits, true)).toBe(true);
      if (!(await isAdmissible(work, variants, gpu.device.limits, true))) {
        refused.push(variants);
        expect(described(chosen)).not.toEqual(described(variants));
      }
    }
    expect(refused.some(({ grouping }) => grouping.size > 1 && grouping.memory === 'uniform')).toBe(true);
  });

  it('of all combinations keeps those within each limit', async () => {
    const { device } = await openDevice({ device: await getDevice() });
    const own = Object.fromEntries(variantLimits.map((name) => [name, device.limits[name]])) as unknown as VariantLimits;
    const combinations = async (name: keyof VariantLimits, limit: number): Promise<Variants[]> => {
      const { work, all } = await allOn(device);
      const admitted = await Promise.all(all.map((variants) => isAdmissible(work, variants, { ...own, [name]: limit }, true)));
      return all.filter((_, i) => admitted[i]);
    };
    const every = await combinations('maxComputeInvocationsPerWorkgroup', 256);
    expect(every.map(({ grouping }) => grouping.memory)).toEqual(expect.arrayContaining(['uniform', 'storage']));
    expect(new Set(every.map(({ moments }) => moments))).toEqual(new Set(['whole', 'blocks', 'leaves']));
    // Records, factors, values, draws and the two arrays are six; packed parameters a seventh.
    const few = await combinations('maxStorageBuffersPerShaderStage', 6);
    expect(few.every(({ grouping, moments }) => grouping.size === 1 || grouping.memory === 'uniform' || moments === 'whole')).toBe(true);
    expect(few.length).toBeLessThan(every.length);
    const uniform = await combinations('maxUniformBufferBindingSize', 65535);
    expect(uniform.some(({ grouping }) => grouping.memory === 'uniform')).toBe(false);
    expect(await combinations('maxComputeInvocationsPerWorkgroup', 32)).toEqual([]);
  });
});

describe('values from elsewhere', () => {
  it('are not asked for by the trial', async () => {
    let calls = 0;
    const { device } = withFaults(await getDevice(), {});
    const host = (x: Float64Array, count: number) => {
      calls += count;
      return Float64Array.from({ length: count }, (_, i) => (x[2 * i]! ** 2 - 1) ** 2 + x[2 * i + 1]! ** 2);
    };
    const { box, dim } = target;
    const run = { device, host, box, dim, ...shape, method, waves: 1, iterations: 3 };
    const tuned = await minimize({ ...run, tuning: 'auto' });
    expect(tuned.variants.tuning).toBe('auto');
    expect(calls).toBe(tuned.evaluations);
  });

  it('nor counted, where they are WGSL', async () => {
    const { device } = withFaults(await getDevice(), {});
    const warm = nva({ estimator: 'score', firstTemperature: 1 });
    const solver = await createSolver(target, warm, { device, ...shape, tuning: 'auto' });
    expect((await solver.step(5)).evaluations).toBe(5 * shape.components * shape.samples);
    solver.dispose();
  });
});
