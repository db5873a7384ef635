/** Twenty iterations of one code on a mixture of five dimensions, and what must hold after them. */
import { expect } from 'vitest';
import { createSolver, gmmvi } from '../../src/index.ts';
import { field, status } from '../../src/kernels/state.ts';
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
    for (let t = 1; t <= 20; t++) {
      const { mixture, iteration, nonFinite } = await solver.step();
      expect(iteration).toBe(t);
      expect(nonFinite).toBe(0);
      for (const number of [mixture.weights, mixture.means.flat(), mixture.covariances.flat(2)].flat())
        expect(Number.isFinite(number)).toBe(true);
      expect(mixture.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      // Steps that fail with the direct rule are reported; the other two keep their precision positive whatever the moments.
      if (code[3] !== 'I') expect(await factorisationFailures(solver)).toBe(0);
    }
    const { trace, snapshot } = solver;
    for (const { value } of trace) expect(Number.isFinite(value)).toBe(true);
    expect(snapshot.failedSteps).toBe(trace.reduce((sum, { failures }) => sum + failures, 0));
  } finally {
    solver.dispose();
  }
}

/** Components whose last step found a precision that is not positive. */
async function factorisationFailures({ engine }: Awaited<ReturnType<typeof createSolver>>): Promise<number> {
  const { components, control } = await engine.read();
  const record = components.length / engine.capacity;
  return Array.from({ length: control.components }, (_, k) => components[k * record + field.status]! & status.factorisation).filter(Boolean)
    .length;
}
