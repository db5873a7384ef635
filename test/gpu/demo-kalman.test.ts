/** Kalman methods on the demo page: iteration by iteration what `invert()` does at once. */
import { describe, expect, it } from 'vitest';
import { KalmanRun } from '../../demo/runs/kalman-run.ts';
import { resolved, settingsFor, subjectOf } from '../../demo/settings.ts';
import { inversionOf } from '../../demo/target.ts';
import { readBuffer } from '../../src/gpu/buffers.ts';
import { openDevice } from '../../src/gpu/device.ts';
import { dfGmvi, gmki, invert } from '../../src/index.ts';
import { controlLayout, unpack } from '../../src/kernels/state.ts';
import type { SigmaMethod } from '../../src/run/inversion-method.ts';
import { getDevice } from '../harness/device.ts';

const ITERATIONS = 5;

describe('Kalman methods of the demo', () => {
  it.each([
    ['gmki', 'four-modes-inversion'],
    ['df-gmvi', 'bimodal-shifted'],
    ['gmki', 'plane-four-modes-10d'],
  ] as const)('%s on %s', async (method, problem) => {
    const settings = settingsFor(problem, { method, components: 3, iterations: ITERATIONS, seed: 7 });
    const device = await getDevice();
    const gpu = await openDevice({ device });
    const run = await KalmanRun.start(gpu, inversionOf(settings), resolved(settings) as SigmaMethod, subjectOf(settings).box, 7);
    for (const iterations of [2, ITERATIONS - 2]) {
      const encoder = device.createCommandEncoder();
      run.encode(encoder, iterations);
      device.queue.submit([encoder.finish()]);
    }
    const { buffers } = run;
    const [control, components, factors] = await Promise.all(
      [buffers.control, buffers.components, buffers.factors].map((buffer) => readBuffer(device, buffer)),
    );
    const { mixture, iteration, stopReasons, evaluations } = run.snapshotOf({
      control: unpack(controlLayout, control!),
      components: new Float32Array(components!),
      factors: new Float32Array(factors!),
    });
    run.dispose();
    expect(iteration).toBe(ITERATIONS);
    expect(stopReasons).toEqual(['iterations']);

    const options = { components: 3, iterations: ITERATIONS };
    const whole = await invert({ ...inversionOf(settings), method: method === 'gmki' ? gmki(options) : dfGmvi(options), seed: 7, device });
    expect(evaluations).toBe(whole.modelRuns - 3);
    expect(mixture.means).toEqual(whole.mixture.means);
    expect(mixture.covariances).toEqual(whole.mixture.covariances);
    mixture.weights.forEach((weight, k) => {
      expect(weight).toBeCloseTo(whole.mixture.weights[k]!, 12);
    });
  });
});
