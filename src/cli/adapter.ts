/** Which adapter, in words. */
import type { AdapterDescription } from '../index.ts';
import { choiceOption } from '../run/options.ts';

/** @throws OptionError where MODESCAPE_ADAPTER is none of its three words. */
export function checkAdapterChoice(): void {
  choiceOption('value of MODESCAPE_ADAPTER', process.env.MODESCAPE_ADAPTER || undefined, undefined, ['auto', 'hardware', 'software']);
}

export function adapterText({ vendor, architecture, description, software }: AdapterDescription): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed';
  return software ? `${name}, software adapter (CPU)` : name;
}
