/** Twenty iterations of one code on a mixture of five dimensions, and what must hold after them. */
import { expect } from 'vitest';
import { createSolver, gmmvi } from '../../src/index.ts';
import { getDevice } from '../harness/device.ts';
import { fiveD } from './gmmvi-targets.ts';

export async function runCode(code: string): Promise<void> {
  const device = await getDevice();
  const method = gmmvi(code, {
    samples: code[2] === 'M' ? 60 : 240,
    ...(code[1] === 'A' ? { addEvery: 6, removeAfter: 9, capacity: 8 } : {}),
  });
  const solver = await createSolver({ ...fiveD, sense: 'maximize', boundary: 'none' }, method, { device, components: 4, seed: 1 });
  try {
    const { mixture, iteration, nonFinite, failedSteps } = await solver.step(20);
    expect(iteration).toBe(20);
    expect(nonFinite).toBe(0);
    for (const number of [mixture.weights, mixture.means.flat(), mixture.covariances.flat(2)].flat())
      expect(Number.isFinite(number)).toBe(true);
    expect(mixture.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    const { trace } = solver;
    expect(trace).toHaveLength(20);
    for (const { value } of trace) expect(Number.isFinite(value)).toBe(true);
    // Steps that fail with the direct rule are reported; the other two rules keep their precision positive whatever the moments.
    const factorised = await solver.engine.read().then(({ components, control }) => {
      const record = components.length / solver.engine.capacity;
      return Array.from({ length: control.components }, (_, k) => components[k * record + 3]! & 1);
    });
    if (code[3] !== 'I') expect(factorised.every((failed) => failed === 0)).toBe(true);
    expect(failedSteps).toBeGreaterThanOrEqual(0);
  } finally {
    solver.dispose();
  }
}
