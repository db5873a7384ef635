/** Ctrl-C: the first stops the run, which then ends with what it has found; the second ends the process at once. */
import { exitCode } from './exit.ts';

export interface Interrupt {
  signal: AbortSignal;
  dispose(): void;
}

/** `restore` mends the terminal before anything is written to it. */
export function onInterrupt(quiet: boolean, restore: () => void): Interrupt {
  const controller = new AbortController();
  const handle = () => {
    restore();
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    if (!quiet) process.stderr.write('modescape: stopping; Ctrl-C again ends at once\n');
    controller.abort();
  };
  process.on('SIGINT', handle);
  return { signal: controller.signal, dispose: () => process.off('SIGINT', handle) };
}
