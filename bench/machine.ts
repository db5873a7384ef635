/** Opening the device a bench runs on, and saying what it is: a software adapter is a CPU and is always called one. */
import { cpus, loadavg } from 'node:os';
import { type AdapterDescription, closeGpu, type Gpu, openDevice } from '../src/gpu/device.ts';
import { openGpu } from '../src/node/index.ts';

/** Runs with a device of its own, on which nothing is compiled yet. It is destroyed in any case: Dawn crashes a process that ends before. */
export async function withDevice<T>(run: (gpu: Gpu) => Promise<T>): Promise<T> {
  const gpu = await openDevice({ gpu: (await openGpu()).gpu });
  try {
    return await run(gpu);
  } finally {
    closeGpu(gpu);
  }
}

export function adapterName({ vendor, architecture, description, software }: AdapterDescription): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';
  return software ? `${name} (software adapter: a CPU)` : name;
}

/** One line above every table: where and when its numbers were taken, and how busy the machine was with other work before. */
export function machineLine(adapter: AdapterDescription): string {
  const processors = cpus();
  const processor = `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}`;
  const day = new Date().toISOString().slice(0, 10);
  const host = `Node ${process.versions.node} on ${processor}, load average ${loadavg()[0]!.toFixed(1)}`;
  return `Adapter: ${adapterName(adapter)}. Host: ${host}. ${day}, modescape ${__VERSION__}.`;
}
