/** Checkpoints, unchanged in Node and in Chromium: saved, restored, refused. */
import { CheckpointError, createSolver, minimize, nva } from '../../src/index.ts';

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

const target = {
  wgsl: 'fn objective(x: Point) -> f32 { let a = x[0] * x[0] - 1.0; return a * a + x[1] * x[1]; }',
  box: [
    [-2, 2],
    [-2, 2],
  ] as [number, number][],
};
const method = nva({ estimator: 'score', covariance: 'diagonal' });

export const cases: Record<string, (device: GPUDevice) => Promise<void>> = {
  'a solver restored from bytes or from JSON goes on with the same bits': async (device) => {
    const solver = await createSolver(target, method, { device, components: 3, samples: 24, seed: 7 });
    await solver.step(7);
    const [bytes, json] = [await solver.save(), await solver.save('json')];
    const end = JSON.stringify(await solver.step(9));
    for (const checkpoint of [bytes, json]) {
      const resumed = await createSolver(target, method, { device, checkpoint });
      check(JSON.stringify(await resumed.step(9)) === end, 'another state');
      resumed.dispose();
    }
    bytes[bytes.length - 9]! ^= 4;
    const refused = await solver.restore(bytes).catch((error: unknown) => error);
    check(refused instanceof CheckpointError && refused.fault === 'corrupted', `restored: ${refused}`);
    solver.dispose();
  },

  'a search goes on from its checkpoint to the same modes': async (device) => {
    const options = { ...target, method, device, components: 3, samples: 24, waves: 1, iterations: 40 };
    const kept: Uint8Array[] = [];
    const whole = await minimize({
      ...options,
      checkpointEvery: 0,
      onCheckpoint: (checkpoint) => {
        kept.push(checkpoint);
      },
    });
    for (const checkpoint of [kept[0]!, kept.at(-1)!]) {
      const resumed = await minimize({ ...options, checkpoint });
      check(JSON.stringify(resumed.modes) === JSON.stringify(whole.modes), 'other modes');
      check(resumed.evaluations === whole.evaluations, `${resumed.evaluations} evaluations, not ${whole.evaluations}`);
    }
  },
};
