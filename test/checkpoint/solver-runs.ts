/** Runs that checkpoint tests share. */

import { expect } from 'vitest';
import { createSolver, gmmvi, type MethodSpec, nva, type Solver, type SolverOptions, type SolverTarget } from '../../src/index.ts';
import { fourModes } from '../../src/problems/four-modes.ts';
import { styblinskiTang } from '../../src/problems/styblinski-tang.ts';
import { getDevice } from '../harness/device.ts';

export interface SolverCase {
  target: SolverTarget;
  method: MethodSpec;
  options: SolverOptions;
}

const tang = styblinskiTang.at(3);
const modes = fourModes.at();

export const solverCases: Record<string, SolverCase> = {
  'NVA (Stein)': {
    target: { wgsl: tang.wgsl, box: tang.box },
    method: nva(),
    options: { components: 5, samples: 64, seed: 11 },
  },
  'NVA (score, one shared batch)': {
    target: { wgsl: tang.wgsl, box: tang.box },
    method: nva({ estimator: 'score', sampling: 'stratified', covariance: 'diagonal' }),
    options: { components: 4, samples: 80, seed: 3 },
  },
  'NVA (ranked)': {
    target: { wgsl: tang.wgsl, box: tang.box },
    method: nva({ estimator: 'ranked' }),
    options: { components: 3, samples: 40, seed: 5 },
  },
  // Components come and go, and rows of earlier iterations are used again.
  SAMTRON: {
    target: { wgsl: modes.wgsl, box: modes.box },
    method: gmmvi('SAMTRON', { addEvery: 4, removeAfter: 6, capacity: 12, reuse: 2, pastSamples: 1024 }),
    options: { components: 3, samples: 24, seed: 2 },
  },
  'ZEMTRUX (MORE)': {
    target: { wgsl: modes.wgsl, box: modes.box },
    method: gmmvi('ZEMTRUX'),
    options: { components: 4, samples: 40, seed: 9 },
  },
};

export async function makeSolver({ target, method, options }: SolverCase, more: SolverOptions = {}): Promise<Solver> {
  return createSolver(target, method, { device: await getDevice(), ...options, ...more });
}

/** Every bit of the state. */
export async function bitsOf(solver: Solver): Promise<string> {
  const { control, components, factors } = await solver.engine.read();
  return JSON.stringify([
    control,
    Array.from(new Uint32Array(components.buffer)),
    Array.from(new Uint32Array(factors.buffer)),
    solver.trace,
    solver.snapshot,
  ]);
}

/** A run saved after 1, 7 and 50 iterations, each resumed for twelve more. Saving must not change it either. */
export async function resumesAlike(run: SolverCase): Promise<void> {
  const [saves, ends] = [
    [1, 7, 50],
    [13, 19, 62],
  ];
  const checkpoints: Uint8Array[] = [];
  const bits: string[] = [];
  const watched = await makeSolver(run);
  let made = 0;
  for (const next of [...saves, ...ends].sort((a, b) => a - b)) {
    await watched.step(next - made);
    made = next;
    if (saves.includes(next)) checkpoints.push(await watched.save());
    else bits.push(await bitsOf(watched));
  }
  watched.dispose();
  const whole = await makeSolver(run);
  await whole.step(62);
  expect((await bitsOf(whole)) === bits[2], 'saving changed the run').toBe(true);
  whole.dispose();
  for (const [i, checkpoint] of checkpoints.entries()) {
    const resumed = await makeSolver(run, { checkpoint });
    expect((await resumed.save()).length, 'saved again').toBe(checkpoint.length);
    await resumed.step(ends[i]! - saves[i]!);
    expect((await bitsOf(resumed)) === bits[i], `after ${saves[i]} iterations`).toBe(true);
    resumed.dispose();
  }
}
