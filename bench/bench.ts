// npm run bench [-- --shape d,K,n] [--sweep] [--method NAME,...] [--host node|chromium|both] [--rounds R] [--seconds S] [--batch T]
//                [--json FILE] [--compare OLD.json]
// Time of an iteration by shape, method and host, beside plain TypeScript: Markdown tables on standard output, and rows as JSON.
import { writeFileSync } from 'node:fs';
import { badUsage, countArgument, readArguments, wordArgument } from './arguments.ts';
import { comparison, costTable, type IterationRow, readRows, timeTable } from './iteration-rows.ts';
import { type MethodName, methods, parseMethod, parseShape, type Shape, shapes, sweep } from './iteration-shapes.ts';
import { machineLine } from './machine.ts';
import { measureShape } from './measure-shape.ts';
import { openHost, type TimingHost } from './timing-hosts.ts';

/** From this dimension on a software adapter takes up to a minute for an iteration of the methods other than the first. */
const HEAVY_DIMENSION = 32;

const wanted = readArguments(['shape', 'method', 'host', 'rounds', 'seconds', 'batch', 'json', 'compare'], ['sweep']);
if (wanted.shape !== undefined && wanted.sweep) badUsage('--sweep has shapes of its own; leave --shape out');
const chosenShapes: readonly Shape[] = wanted.shape === undefined ? (wanted.sweep ? sweep : shapes) : [readShape(wanted.shape)];
const chosenMethods = wanted.method?.split(',').map(readMethod);
const host = wordArgument('host', wanted.host, wanted.sweep ? 'node' : 'both', ['node', 'chromium', 'both']);
const plan = {
  rounds: countArgument('rounds', wanted.rounds, 5),
  seconds: countArgument('seconds', wanted.seconds, 30),
  iterationsPerSubmit: countArgument('batch', wanted.batch, undefined),
};
const before = wanted.compare === undefined ? undefined : readOld(wanted.compare);

function readShape(text: string): Shape {
  const shape = parseShape(text);
  return typeof shape === 'string' ? badUsage(`--shape is "${text}"; ${shape}`) : shape;
}

function readMethod(text: string): MethodName {
  return parseMethod(text) ?? badUsage(`--method is "${text}"; it must be one of ${methods.join(', ')}`);
}

function readOld(file: string): IterationRow[] {
  try {
    return readRows(file);
  } catch (error) {
    return badUsage(`--compare: ${(error as Error).message}`);
  }
}

const notes: string[] = [];
const hosts: TimingHost[] = [];
const rows: IterationRow[] = [];
try {
  for (const name of host === 'both' ? (['node', 'chromium'] as const) : [host]) {
    try {
      hosts.push(await openHost(name));
    } catch (error) {
      if (host !== 'both') throw error;
      notes.push(`${name}: not run: ${(error as Error).message}`);
    }
  }
  for (const { name, adapter } of hosts) console.log(`${name}: ${machineLine(adapter)}`);

  const software = hosts.every(({ adapter }) => adapter.software);
  for (const shape of chosenShapes) {
    const heavy = !chosenMethods && software && shape.d >= HEAVY_DIMENSION;
    const taken = chosenMethods ?? (wanted.sweep || heavy ? methods.slice(0, 1) : methods);
    if (heavy) notes.push(`${shape.d},${shape.k},${shape.n}: ${taken.join()} only, on a software adapter; name the others with --method`);
    console.error(`${shape.d},${shape.k},${shape.n}: ${taken.join(', ')} ...`);
    rows.push(...(await measureShape(shape, taken, hosts, plan, (reason) => notes.push(reason))));
  }
} finally {
  for (const { close } of hosts) await close();
}

if (rows.length > 0) console.log(`\n${timeTable(rows)}\n\n${costTable(rows)}`);
const fewer = rows.filter((row) => row.rounds < plan.rounds);
if (fewer.length > 0)
  notes.push(`${fewer.length} rows took fewer than ${plan.rounds} rounds, to end within ${plan.seconds} s each (--seconds)`);
for (const note of notes) console.log(`\n${note}.`);
if (before) console.log(`\nBeside ${wanted.compare}:\n\n${comparison(before, rows)}`);
if (wanted.json !== undefined) {
  writeFileSync(wanted.json, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(`\nRows written to ${wanted.json}`);
}
if (rows.length === 0) process.exitCode = 1;
