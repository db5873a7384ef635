/** Checkpoints of searches and inversions with a sound seal but a part that is missing, or another one: a CheckpointError, whatever it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointError, createSolver, gmki, invert, minimize, nva } from '../../src/index.ts';
import { himmelblau } from '../../src/problems/himmelblau.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/run/checkpoint-file.ts';
import { getDevice } from '../harness/device.ts';

const RUNS = { numRuns: 50, seed: 20261130 };
const { wgsl, box } = himmelblau.at();
const method = nva({ estimator: 'score', covariance: 'diagonal' });
const stop = { tolx: 1e-9, tolstagnation: 1000, tolxstagnation: { distance: 1e-9, iterations: 1000 } };

type Run = (more: object) => Promise<unknown>;
const search: Run = async (more) =>
  minimize({ device: await getDevice(), wgsl, box, method, components: 2, samples: 16, evaluations: 4000, stop, ...more });
const inversion: Run = async (more) =>
  invert({
    device: await getDevice(),
    wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0] * theta[0]; }',
    dim: 1,
    y: [1],
    noise: 0.2,
    prior: { mean: 3, deviation: 2 },
    method: gmki(),
    components: 2,
    iterations: 4,
    ...more,
  });
const solver: Run = async (more) => {
  const made = await createSolver({ wgsl, box }, method, {
    device: await getDevice(),
    components: 2,
    samples: 16,
    seed: 1,
    iterations: 20,
    stop,
    ...more,
  });
  try {
    return await made.run();
  } finally {
    made.dispose();
  }
};

/** Every place in plain data, from the top. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [path];
  return [...(path.length > 0 ? [path] : []), ...Object.entries(value).flatMap(([name, entry]) => places(entry, [...path, name]))];
}

const others: readonly unknown[] = [undefined, null, 'text', -1, 0.5, { a: 1 }, [], [null], new Float32Array(5), new Uint32Array(100_000)];

async function expectTold(sound: Uint8Array, run: Run): Promise<void> {
  const all = places(decodeCheckpoint(sound).state);
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...all), fc.constantFrom(...others), async (path, other) => {
      const checkpoint = decodeCheckpoint(sound);
      let inner = checkpoint.state as Record<string, unknown>;
      for (const name of path.slice(0, -1)) inner = inner[name] as Record<string, unknown>;
      inner[path.at(-1)!] = other;
      // It is refused, or it is none the worse: never anything else.
      const error = await run({ checkpoint: encodeCheckpoint(checkpoint) }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
      expect(error, `${path.join('.')} = ${String(other)}`).toBeInstanceOf(CheckpointError);
      refused++;
    }),
    RUNS,
  );
  expect(refused).toBeGreaterThan(10);
}

describe('fifty of each kind, sealed again', () => {
  it('a search, between its waves and within one', async () => {
    const kept: Uint8Array[] = [];
    const onCheckpoint = (checkpoint: Uint8Array) => {
      kept.push(checkpoint);
    };
    await search({ onCheckpoint, checkpointEvery: 0 });
    const phaseOf = (checkpoint: Uint8Array) => (decodeCheckpoint(checkpoint).state as { phase: string }).phase;
    for (const phase of ['annealing', 'between']) await expectTold(kept.find((checkpoint) => phaseOf(checkpoint) === phase)!, search);
  });

  it('an inversion', async () => {
    let last: Uint8Array | undefined;
    const onCheckpoint = (checkpoint: Uint8Array) => {
      last = checkpoint;
    };
    await inversion({ iterations: 2, onCheckpoint });
    await expectTold(last!, inversion);
  });

  it('a solver with tolerances', async () => {
    const made = await createSolver({ wgsl, box }, method, { device: await getDevice(), components: 2, samples: 16, seed: 1, stop });
    await made.step(10);
    const sound = await made.save();
    made.dispose();
    await expectTold(sound, solver);
  });
});
