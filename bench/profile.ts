/** Milliseconds per kernel over one iteration, by timestamps around each in a pass of its own; undefined where the device has none. */
import { readBuffer } from '../src/gpu/buffers.ts';
import { encodeCommand } from '../src/run/command.ts';
import type { Engine } from '../src/run/engine.ts';

export async function profile(engine: Engine): Promise<Record<string, number> | undefined> {
  const { device } = engine.gpu;
  if (!device.features.has('timestamp-query') || engine.waits) return undefined;
  const { segments, live } = engine.next();
  const commands = segments.flatMap((segment) => segment.commands);
  const times = device.createQuerySet({ label: 'profile', type: 'timestamp', count: 2 * commands.length });
  const resolved = device.createBuffer({ label: 'profile', size: 16 * commands.length, usage: 0x200 | 0x4 });
  try {
    const encoder = device.createCommandEncoder({ label: 'profile' });
    commands.forEach((command, i) => {
      const timestampWrites = { querySet: times, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
      const pass = encoder.beginComputePass({ label: command.label, timestampWrites });
      encodeCommand(pass, command, live);
      pass.end();
    });
    encoder.resolveQuerySet(times, 0, 2 * commands.length, resolved, 0);
    device.queue.submit([encoder.finish()]);
    const stamps = new BigInt64Array(await readBuffer(device, resolved));
    const result: Record<string, number> = {};
    commands.forEach(({ label }, i) => {
      result[label] = (result[label] ?? 0) + Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6;
    });
    return result;
  } finally {
    times.destroy();
    resolved.destroy();
  }
}
