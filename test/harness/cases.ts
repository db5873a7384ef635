/**
 * A case is a plain function of a device that throws when something is wrong. Case modules (test/cases) import nothing of
 * vitest, so that the very same file runs in Node (runCasesInNode) and in Chromium (runCasesInBrowser, browser.ts).
 */
import { describe, it } from 'vitest';
import { getDevice } from './device.ts';

export type Cases = Record<string, (device: GPUDevice) => Promise<void>>;

/** Registers every case as a test on the worker's device. Uncaptured GPU errors fail the test (setup-node.ts). */
export function runCasesInNode(name: string, cases: Cases): void {
  describe(name, () => {
    for (const [title, run] of Object.entries(cases)) it(title, async () => run(await getDevice()));
  });
}
