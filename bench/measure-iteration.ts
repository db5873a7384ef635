/**
 * Timing one shape and method: whole iterations on the GPU's queue, nothing read back, on a cheap objective, at a fixed temperature so
 * that no schedule ends the run.
 */
import type { Gpu } from '../src/gpu/device.ts';
import type { NvaEstimator } from '../src/method/nva.ts';
import { nva } from '../src/method/nva.ts';
import { uniformStart } from '../src/mixture/start.ts';
import { readTarget } from '../src/objective/objective.ts';
import { Engine } from '../src/run/engine.ts';
import type { IterationRow, Shape } from './iteration-rows.ts';
import { adapterName, withDevice } from './machine.ts';
import { bowl } from './objective.ts';
import { median } from './statistics.ts';

/** Timed batches, and milliseconds each should take; where one iteration takes longer, batches are one iteration and fewer. */
const BATCHES = { most: 9, fewest: 3, milliseconds: 150, total: 2000 };
const LARGEST_BATCH = 512;
const PROFILES = { most: 5, milliseconds: 500 };

/** On a device of its own: pipelines compiled for another row would be found in the cache. */
export function measureIteration(shape: Shape, estimator: NvaEstimator): Promise<IterationRow> {
  return withDevice((gpu) => measureOn(gpu, shape, estimator));
}

async function measureOn(gpu: Gpu, shape: Shape, estimator: NvaEstimator): Promise<IterationRow> {
  const engine = await makeEngine(gpu, shape, estimator);
  const { queue } = gpu.device;
  const restart = async () => {
    await engine.start({ start: uniformStart(shape.d, shape.k, 1), firstTemperature: bowl.temperature });
    await queue.onSubmittedWorkDone();
  };
  const timed = async (iterations: number): Promise<number> => {
    const before = performance.now();
    const encoder = gpu.device.createCommandEncoder({ label: 'bench' });
    engine.encode(encoder, iterations);
    queue.submit([encoder.finish()]);
    await queue.onSubmittedWorkDone();
    return performance.now() - before;
  };

  await restart();
  const firstIterationMs = await timed(1);
  const rough = await timed(1);
  const estimate = rough < BATCHES.milliseconds ? (await timed(4)) / 4 : rough;
  const size = Math.round(within(BATCHES.milliseconds / estimate, 1, LARGEST_BATCH));
  const batches = Math.round(within(BATCHES.total / (size * estimate), BATCHES.fewest, BATCHES.most));
  if (size > 1) await timed(size);
  const times: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    await restart(); // every batch does the same work
    times.push((await timed(size)) / size);
  }
  const { control } = await engine.read();
  // A stopped run skips its kernels: its times would mean nothing.
  if (control.stop !== 0 || control.iteration !== size || control.non_finite !== 0) {
    throw new Error(`the timed run went wrong: ${JSON.stringify(control)}`);
  }
  const msPerIteration = median(times);
  const stages = await stageTimes(engine, Math.round(within(PROFILES.milliseconds / msPerIteration, 1, PROFILES.most)));
  const row: IterationRow = {
    host: 'node',
    adapter: adapterName(gpu.adapter),
    software: gpu.adapter.software,
    method: `nva-${estimator}`,
    ...shape,
    msPerIteration,
    msRange: [Math.min(...times), Math.max(...times)],
    particleIterationsPerSecond: (1000 * shape.n) / msPerIteration,
    compileMs: engine.compileMilliseconds,
    firstIterationMs,
    gpuBytes: engine.bytes,
    stages,
  };
  engine.dispose();
  return row;
}

async function makeEngine(gpu: Gpu, { d, k, n }: Shape, estimator: NvaEstimator): Promise<Engine> {
  const objective = readTarget({ wgsl: bowl.wgsl, box: bowl.box, dim: d }, 'minimize');
  const options = { estimator, schedule: 'fixed', firstTemperature: bowl.temperature } as const;
  const method = nva(options).resolve({ derivatives: objective.derivatives, dim: d });
  return Engine.create(gpu, objective, method, { components: k, samples: n / k, seed: 1 });
}

/** The median of a few profiles, per kernel. */
async function stageTimes(engine: Engine, count: number): Promise<Record<string, number> | null> {
  const profiles: Record<string, number>[] = [];
  for (let i = 0; i < count; i++) {
    const profile = await engine.profile();
    if (!profile) return null;
    profiles.push(profile);
  }
  return Object.fromEntries(Object.keys(profiles[0]!).map((stage) => [stage, median(profiles.map((profile) => profile[stage]!))]));
}

const within = (x: number, least: number, most: number): number => Math.min(Math.max(x, least), most);
