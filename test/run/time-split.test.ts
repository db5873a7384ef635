/** Where the time of a run went: what the GPU's own clock says, and what the host waited; never a guess. */
import { describe, expect, it } from 'vitest';
import { GpuClock } from '../../src/gpu/clock.ts';
import { gmki, invert, minimize, nva, type SearchOptions, sample, summaryRows } from '../../src/index.ts';
import { timeless } from '../checkpoint/results.ts';
import { getDevice } from '../harness/device.ts';
import { requestTestDevice } from '../harness/gpu.ts';

const wgsl = 'fn objective(x: Point) -> f32 { return x[0] * x[0] + x[1] * x[1]; }';
const box: [number, number][] = [
  [-1, 1],
  [-1, 1],
];
const method = nva({ estimator: 'score', covariance: 'diagonal' });
const inversion = {
  wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0]; }',
  dim: 1,
  y: [1],
  noise: 0.2,
  prior: { mean: 0, deviation: 1 },
  method: gmki(),
  components: 2,
  iterations: 10,
};

/** The same device to all appearances, but that it has no timestamps. */
function withoutClock(device: GPUDevice): GPUDevice {
  const features = new Set([...device.features].filter((feature) => feature !== 'timestamp-query'));
  return Object.defineProperty(device, 'features', { value: features });
}

function run(device: GPUDevice, more: object = {}) {
  return minimize({ device, wgsl, box, method, components: 3, samples: 512, waves: 1, iterations: 40, ...more } as SearchOptions);
}

describe('seconds', () => {
  it('of the GPU and of waiting lie within the run, and change no bit of it', async () => {
    await getDevice();
    const device = await requestTestDevice();
    const timed = device.features.has('timestamp-query');
    const result = await run(device);
    const { seconds } = result;
    expect('gpu' in seconds).toBe(timed);
    if (timed) {
      expect(seconds.gpu!).toBeGreaterThan(0);
      expect(seconds.gpu!).toBeLessThanOrEqual(1.02 * seconds.run + 0.01);
    }
    expect(seconds.readback).toBeGreaterThan(0);
    expect(seconds.readback).toBeLessThanOrEqual(seconds.run);
    expect(seconds.compile + seconds.run + seconds.polish).toBeLessThanOrEqual(seconds.total);

    const plain = await run(withoutClock(device));
    expect('gpu' in plain.seconds).toBe(false);
    expect(plain.seconds.readback).toBeGreaterThan(0);
    expect(timeless(plain)).toEqual(timeless(result));
    const row = (of: typeof result) => summaryRows(of.summary()).find(({ name }) => name === 'GPU time')!;
    expect(row(plain)).toMatchObject({ value: 'not known: no timestamps', usual: true });
    if (timed) expect(row(result)).toMatchObject({ value: expect.stringMatching(/^\d+\.\d\d s \(\d.*of the run/), usual: false });
    device.destroy();
  });

  it('of functions of the host have none of the GPU', async () => {
    const host = (points: Float64Array, count: number) => Float64Array.from({ length: count }, (_, i) => points[2 * i]! ** 2);
    const { seconds } = await run(await getDevice(), { wgsl: undefined, host, samples: 16, iterations: 5 });
    expect('gpu' in seconds).toBe(false);
  });

  it('of fits and inversions likewise, and on from a checkpoint', async () => {
    const device = await getDevice();
    const timed = device.features.has('timestamp-query');
    const fit = await sample({ device, wgsl, box, method, components: 2, samples: 32, iterations: 10 });
    const inverted = await invert({ device, ...inversion });
    for (const { seconds } of [fit, inverted]) {
      expect('gpu' in seconds).toBe(timed);
      expect(seconds.readback).toBeGreaterThan(0);
      expect(seconds.readback).toBeLessThanOrEqual(seconds.run);
    }
    let last: Uint8Array | undefined;
    const onCheckpoint = (checkpoint: Uint8Array) => {
      last = checkpoint;
    };
    const first = await run(device, { onCheckpoint });
    // Nothing is left to do: its time is that of the run before.
    const over = await run(device, { checkpoint: last! });
    if (timed) expect(over.seconds.gpu!).toBeCloseTo(first.seconds.gpu!, 6);
    expect(over.seconds.readback).toBeGreaterThanOrEqual(first.seconds.readback);
    const begun = await invert({ device, ...inversion, onCheckpoint });
    const ended = await invert({ device, ...inversion, checkpoint: last! });
    if (timed) expect(ended.seconds.gpu!).toBeCloseTo(begun.seconds.gpu!, 6);
    expect(ended.seconds.readback).toBeGreaterThanOrEqual(begun.seconds.readback);
  });
});

describe('the clock', () => {
  const stamps = (begun: bigint, ended: bigint) => BigUint64Array.of(0n, begun, ended).buffer;

  it('counts once what stretches share, and knows when it does not know', async () => {
    const clock = GpuClock.of(await getDevice());
    if (!clock) return;
    expect(clock.milliseconds).toBe(0);
    clock.add(stamps(1_000_000n, 3_000_000n), 8);
    expect(clock.milliseconds).toBe(2);
    // It began before the one before had ended.
    clock.add(stamps(2_000_000n, 4_000_000n), 8);
    expect(clock.milliseconds).toBe(3);
    clock.add(stamps(2_500_000n, 3_500_000n), 8);
    expect(clock.milliseconds).toBe(3);
    clock.add(stamps(10_000_000n, 11_000_000n), 8);
    expect(clock.milliseconds).toBe(4);
    clock.add(stamps(0n, 0n), 8);
    expect(clock.milliseconds).toBeUndefined();
    clock.add(stamps(12_000_000n, 13_000_000n), 8);
    expect(clock.milliseconds).toBeUndefined();
    clock.destroy();
  });
});
