/** What a device cannot hold is refused before anything is allocated, with the number that fits. */
import { expect, it } from 'vitest';
import type { Gpu } from '../../src/gpu/device.ts';
import { LimitError } from '../../src/gpu/errors.ts';
import { dfGmvi, gmki } from '../../src/index.ts';
import { readForward } from '../../src/objective/forward.ts';
import { ForwardRun } from '../../src/run/forward-run.ts';
import type { SigmaMethod } from '../../src/run/inversion-method.ts';
import { checkInversion, checkNodes, entropyNodes, explorationNodes } from '../../src/run/inversion-plan.ts';

/** All that a check looks at. */
const device = { limits: { maxStorageBufferBindingSize: 2 ** 20, maxBufferSize: 2 ** 20 } } as unknown as GPUDevice;
const modelOf = (dim: number, observations: number) =>
  readForward({ host: () => [], dim, y: new Array<number>(observations).fill(0), noise: 1, prior: { mean: 0, deviation: 1 } });
const sigma = (spec: ReturnType<typeof gmki>, dim: number) => spec.resolve({ dim }) as SigmaMethod;

it('more members than a binding holds', async () => {
  const opening = ForwardRun.open({ device } as unknown as Gpu, modelOf(2, 1000), 300);
  await expect(opening).rejects.toThrow(LimitError);
  await expect(opening).rejects.toThrow(/At most 262 fit/);
});

it('more components than fit, by what they take', () => {
  const model = modelOf(100, 100);
  const kalman = sigma(gmki(), 100);
  const drawn = explorationNodes(kalman.exploration!, 100, 1);
  expect(() => checkInversion(device, model, kalman, 200, drawn)).toThrow(/At most 13 components fit/);
  const variational = sigma(dfGmvi({ entropy: 'cubature' }), 100);
  const nodes = entropyNodes('cubature', 100);
  expect(() => checkInversion(device, model, variational, 12, nodes)).toThrow(/its entropy terms.*At most 3 components fit/);
  expect(() => checkInversion(device, model, variational, 3, nodes)).not.toThrow();
});

it('more nodes than a binding holds', () => {
  expect(() => checkNodes(device, { rule: 'whitened', nodes: 2 ** 20 }, 10)).toThrow(/At most 23831 fit: give fewer nodes/);
});

it('more data than Kalman inversion factorises', () => {
  expect(() => checkInversion(device, modelOf(2, 3000), sigma(gmki(), 2), 1, undefined)).toThrow(/it goes up to 2048 data. Use df-gmvi/);
});
