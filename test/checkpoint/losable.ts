/** Devices to lose. */
import { getDevice } from '../harness/device.ts';
import { requestTestDevice } from '../harness/gpu.ts';

/** Devices that are lost when told, and a function that opens the next one. */
export async function losable() {
  await getDevice();
  const opened = [await requestTestDevice()];
  return {
    opened,
    device: opened[0]!,
    lose: () => opened.at(-1)!.destroy(),
    onDeviceLost: async () => {
      opened.push(await requestTestDevice());
      return opened.at(-1)!;
    },
    close: () => {
      for (const device of opened) device.destroy();
    },
  };
}
