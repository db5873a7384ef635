import { expect, it } from 'vitest';
import { openGpu } from '../../src/node/index.ts';

it('refuses an unknown adapter choice and names the possible ones', async () => {
  await expect(openGpu({ adapter: 'fast' as 'auto' })).rejects.toThrow('adapter is "fast"; it must be one of auto, hardware, software.');
});

it('opens an adapter once and says whether it computes on the CPU', async () => {
  const opened = await openGpu();
  expect(await openGpu()).toBe(opened);
  const adapter = await opened.gpu.requestAdapter();
  expect(adapter).not.toBeNull();
  if (/swiftshader|llvmpipe/i.test(`${adapter!.info.architecture} ${adapter!.info.description}`)) expect(opened.software).toBe(true);
});
