// npm run bench:peers [-- --python PATH] [--only iterations|searches] [--shape d,K,n] [--rounds R] [--seconds S] [--json FILE]
// Modescape beside other programs on this machine, in alternating rounds: one iteration, and whole searches for all modes.
import { writeFileSync } from 'node:fs';
import { fourModes } from '../src/problems/four-modes.ts';
import { styblinskiTang } from '../src/problems/styblinski-tang.ts';
import { badUsage, countArgument, readArguments, wordArgument } from './arguments.ts';
import { parseShape, shapes } from './iteration-shapes.ts';
import { machineLine, withDevice } from './machine.ts';
import { markdownTable, short, whole } from './markdown.ts';
import { comparePrograms, iterationPeers, type PeerRow } from './peer-iterations.ts';
import { compareSearches, type SearchRow } from './peer-searches.ts';
import { openHost } from './timing-hosts.ts';

const NOT_RUN = 'not run';
const MOST_EVALUATIONS = 20_000_000;

const wanted = readArguments(['python', 'only', 'shape', 'rounds', 'seconds', 'json']);
const python = wanted.python ?? 'python3';
const only = wordArgument('only', wanted.only, 'both', ['both', 'iterations', 'searches']);
const rounds = countArgument('rounds', wanted.rounds, 5);
const seconds = countArgument('seconds', wanted.seconds, 30);
const shape = wanted.shape === undefined ? undefined : parseShape(wanted.shape);
const chosen = shape === undefined ? shapes : [typeof shape === 'string' ? badUsage(`--shape is "${wanted.shape}"; ${shape}`) : shape];

const cell = (x: number | undefined, format: (x: number) => string = short): string => (x === undefined ? NOT_RUN : format(x));

const programs: PeerRow[] = [];
if (only !== 'searches') {
  const host = await openHost('node');
  console.log(`${machineLine(host.adapter)} Rounds: ${rounds}.\n`);
  for (const one of chosen) {
    console.error(`iterations of ${one.d},${one.k},${one.n} ...`);
    programs.push(...(await comparePrograms(one, host, python, rounds)));
  }
  await host.close();
  console.log(`${programTable()}\n\n${ratioTable()}\n\n${triedList()}\n`);
}

const searches: SearchRow[] = [];
if (only !== 'iterations') {
  await withDevice(async (gpu) => {
    console.log(`${machineLine(gpu.adapter)} Seeds: ${rounds}. A search ends after ${seconds} s.\n`);
    const budget = { seconds, evaluations: MOST_EVALUATIONS };
    for (const problem of [fourModes.at(), styblinskiTang.at(4), styblinskiTang.at(10)]) {
      console.error(`searches of ${problem.name} ${problem.dimension}-D ...`);
      searches.push(...(await compareSearches(problem, gpu, python, rounds, budget)));
    }
  });
  console.log(searchTable());
}

const absent = new Set([...programs, ...searches].flatMap((row) => (row.reason ? [`${row.program}: ${NOT_RUN}: ${row.reason}`] : [])));
for (const line of absent) console.log(`\n${line}.`);
if (wanted.json !== undefined) writeFileSync(wanted.json, `${JSON.stringify({ programs, searches }, null, 2)}\n`);

/** Every program's time. */
function programTable(): string {
  const header = ['d', 'K', 'n', 'program', 'version', 'variant', 'ms / iteration', 'range', 'rounds'];
  const rows = programs.map((row) => [
    ...[row.d, row.k, row.n].map(String),
    row.program,
    row.version,
    row.variant ?? '',
    cell(row.msPerIteration),
    row.msRange ? row.msRange.map(short).join(' to ') : '',
    String(row.rounds),
  ]);
  return markdownTable(header, rows);
}

/** The ways in which each peer was written: ms an iteration, once each. */
function triedList(): string {
  const lines = programs.flatMap(({ program, d, tried }) =>
    tried
      ? [
          `- ${program}, d = ${d}: ${Object.entries(tried)
            .map(([name, ms]) => `${name} ${short(ms)}`)
            .join(', ')}`,
        ]
      : [],
  );
  return lines.length > 0 ? `Variants tried before the rounds, ms an iteration:\n\n${lines.join('\n')}` : '';
}

/** Time of each program over modescape's: above 1 modescape is the faster one. */
function ratioTable(): string {
  const names = ['plain TypeScript', ...iterationPeers.map(({ name }) => name)];
  const rows = chosen.map(({ d, k, n }) => {
    const here = programs.filter((row) => row.d === d && row.k === k && row.n === n);
    const timeOf = (name: string) => here.find(({ program }) => program === name)?.msPerIteration;
    const own = timeOf('modescape');
    const ratios = names.map((name) => {
      const time = timeOf(name);
      return own === undefined || time === undefined ? NOT_RUN : short(time / own);
    });
    return [...[d, k, n].map(String), cell(own), ...ratios];
  });
  return markdownTable(['d', 'K', 'n', 'modescape ms', ...names.map((name) => `times as fast as ${name}`)], rows);
}

function searchTable(): string {
  const header = ['problem', 'program', 'version', 'searches with all modes', 'modes found', 'evaluations to the last mode', 'seconds'];
  const rows = searches.map((row) => [
    row.problem,
    row.program,
    row.version,
    row.found === undefined ? NOT_RUN : `${row.complete} of ${row.rounds}`,
    row.found === undefined ? NOT_RUN : `${whole(row.found)} of ${row.modes}`,
    row.found === undefined ? NOT_RUN : row.evaluationsToAll === undefined ? '-' : whole(row.evaluationsToAll),
    cell(row.seconds),
  ]);
  return markdownTable(header, rows);
}
