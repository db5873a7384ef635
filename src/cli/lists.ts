/** `modescape problems | methods | adapters`. */
import { openGpu } from '../node/index.ts';
import { dataProblems, problems } from '../problems/index.ts';
import { inversions } from '../problems/inversions.ts';
import { adapterText, checkAdapterChoice } from './adapter.ts';
import { exitCode, oneLine } from './exit.ts';
import { inversionMethodTexts, methods } from './methods.ts';
import { table } from './table.ts';

export function listProblems(): void {
  const rows = problems.map(({ name, sense, dimensions: { default: usual, min, max }, title }) => [
    name,
    sense,
    min === max ? String(usual) : `${usual} (${min} to ${max})`,
    title,
  ]);
  for (const [name, { title }] of Object.entries(dataProblems)) rows.push([name, 'maximize', 'of the data', `${title} (--data FILE)`]);
  process.stdout.write(table([{ title: 'problem' }, { title: 'sense' }, { title: 'dimensions' }, { title: 'what it is' }], rows));
  const inverse = Object.entries(inversions).map(([name, { dimension, title }]) => [name, String(dimension), title]);
  process.stdout.write(`\n${table([{ title: 'of invert' }, { title: 'parameters' }, { title: 'what it is' }], inverse)}`);
}

export function listMethods(): void {
  for (const [name, { title, options }] of Object.entries(methods)) {
    process.stdout.write(`${name}  ${title}\n\n`);
    process.stdout.write(table([{ title: '--set' }, { title: '' }], Object.entries(options)));
  }
  for (const [name, { title, options }] of Object.entries(inversionMethodTexts)) {
    process.stdout.write(`\n${name}  ${title}\n\n`);
    process.stdout.write(table([{ title: '--set' }, { title: '' }], Object.entries(options)));
  }
}

/** Each kind of adapter, or why there is none; the one that runs use is marked. @returns the exit code: a failure when nothing can run. */
export async function listAdapters(): Promise<number> {
  checkAdapterChoice();
  let used: string | undefined;
  let reason = '';
  try {
    used = await describeAdapter();
  } catch (error) {
    reason = oneLine(error);
  }
  const rows: string[][] = [];
  for (const kind of ['hardware', 'software'] as const) {
    let found: string;
    try {
      found = await describeAdapter(kind);
    } catch (error) {
      found = `none (${(error as Error).message})`;
    }
    rows.push([kind, found, found === used ? 'used' : '']);
  }
  process.stdout.write(table([{ title: 'kind' }, { title: 'adapter' }, { title: '' }], rows));
  if (used !== undefined) return exitCode.success;
  process.stderr.write(`${reason}\n`);
  return exitCode.failure;
}

async function describeAdapter(kind?: 'hardware' | 'software'): Promise<string> {
  const { gpu, software } = await openGpu(kind ? { adapter: kind } : {});
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('no adapter was given');
  const { vendor, architecture, description } = adapter.info;
  const binding = Math.round(adapter.limits.maxStorageBufferBindingSize / 2 ** 20);
  return `${adapterText({ vendor, architecture, description, software })}; bindings up to ${binding} MiB`;
}
