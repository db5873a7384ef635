/** The page's side of browser.ts: one device and one case module a page. Runs in the browser only. */
import type { Cases } from './cases.ts';
import { requestTestDevice } from './gpu.ts';

const errors: string[] = [];
let device: GPUDevice;
let cases: Cases;

export async function startCases(path: string): Promise<void> {
  device = await requestTestDevice(errors);
  ({ cases } = await import(/* @vite-ignore */ path));
}

export async function runCase(name: string): Promise<void> {
  await cases[name](device);
  await device.queue.onSubmittedWorkDone();
  const messages = errors.splice(0);
  if (messages.length > 0) throw new Error(`uncaptured GPU error:\n${messages.join('\n')}`);
}
