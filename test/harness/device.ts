/** The device of a Node test worker: opened at the first call, shared by the file's tests, destroyed after them. */

import { patiently } from '../../src/gpu/patience.ts';
import { openGpu } from '../../src/node/index.ts';
import { requestTestDevice, setTestGpu } from './gpu.ts';

const errors: string[] = [];
let device: Promise<GPUDevice> | undefined;

export function getDevice(): Promise<GPUDevice> {
  device ??= open();
  return device;
}

async function open(): Promise<GPUDevice> {
  setTestGpu((await openGpu()).gpu);
  return requestTestDevice(errors);
}

/** Waits for the device's work and throws if it reported an error that no error scope took. */
export async function throwUncapturedErrors(): Promise<void> {
  if (!device) return;
  await patiently((await device).queue.onSubmittedWorkDone());
  const messages = errors.splice(0);
  if (messages.length > 0) throw new Error(`uncaptured GPU error:\n${messages.join('\n')}`);
}

export async function closeDevice(): Promise<void> {
  (await device)?.destroy();
  device = undefined;
}
