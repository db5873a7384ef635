/** `modescape invert`: data files in, the posterior's modes out; and what is wrong with a command line, before a GPU is looked for. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtCommand, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'modescape-invert-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const forward = file(
  'forward.wgsl',
  'fn forward(theta: Point, y: ptr<function, Observation>) {\n  (*y)[0] = theta[0] * theta[0];\n  (*y)[1] = theta[0] * theta[1];\n}\n',
);
const data = file('y.csv', '1\n2\n');
const table = file('table.csv', '"time",value\n0,1\n1,2\n');
const noise = file('noise.csv', '0.04,0.01\n0.01,0.04\n');
const given = ['--dim', '2', '--data', data, '--noise', '0.2', '--prior-sd', '2'];

beforeAll(() => {
  builtCommand();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('finds both signs, and writes them as JSON', async () => {
  const json = join(folder, 'result.json');
  const { code, stdout, stderr } = await run([
    'invert',
    forward,
    ...given,
    '--method',
    'gmki',
    '--seed',
    '3',
    '--components',
    '6',
    '--json',
    json,
  ]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/2 modes of the posterior/);
  expect(stdout).toMatch(/model runs/);
  const result = JSON.parse(readFileSync(json, 'utf8'));
  expect(result).toMatchObject({ command: 'invert', dim: 2, observations: 2, status: 'success', seed: 3, method: 'gmki', iterations: 30 });
  expect(result.modelRuns).toBe(30 * 6 * 5 + 6);
  expect(result.failedRuns).toBe(0);
  for (const mode of result.modes) {
    expect(mode.misfit).toBeLessThan(1);
    expect(mode.predictions).toHaveLength(2);
    expect(Math.abs(Math.abs(mode.x[0]) - 1)).toBeLessThan(0.2);
  }
});

it('reads a named column and a covariance of the noise; the same seed writes the same modes', async () => {
  const args = [
    'invert',
    forward,
    '--dim',
    '2',
    '--data',
    table,
    '--column',
    'value',
    '--noise-covariance',
    noise,
    '--prior-sd',
    '2,2',
    '--iterations',
    '10',
  ];
  const [first, again] = [await run([...args, '--json', '-']), await run([...args, '--json', '-'])];
  expect(first.code).toBe(0);
  expect(JSON.parse(first.stdout).modes).toEqual(JSON.parse(again.stdout).modes);
});

it('reports a mistake in the WGSL at its line', async () => {
  const broken = file('broken.wgsl', 'fn forward(theta: Point, y: ptr<function, Observation>) {\n  (*y)[0] = thetta[0];\n}\n');
  const { code, stderr } = await run(['invert', broken, ...given]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/broken\.wgsl:2:\d+: .*thetta/);
});

const bad: [what: string, args: string[], says: RegExp][] = [
  ['no dim', [forward, '--data', data, '--noise', '1'], /number of parameters is missing; give --dim/],
  ['no data', [forward, '--dim', '2', '--noise', '1'], /data are missing; give --data/],
  ['no noise', [forward, '--dim', '2', '--data', data], /noise is missing; give --noise SD/],
  ['noise twice', [forward, ...given, '--noise-covariance', noise], /--noise or --noise-covariance, not both/],
  ['noise of 0', [forward, '--dim', '2', '--data', data, '--noise', '0'], /noise is 0; it must be/],
  ['noise of words', [forward, '--dim', '2', '--data', data, '--noise', 'big'], /--noise: "big" is not a number/],
  ['several columns', [forward, '--dim', '2', '--data', table, '--noise', '1'], /write one value a line, or name a column/],
  [
    'unknown column',
    [forward, '--dim', '2', '--data', table, '--column', 'values', '--noise', '1'],
    /no column "values"; its first row names time, value/,
  ],
  [
    'bad cell',
    [forward, '--dim', '2', '--data', file('bad.csv', '1\nx\n'), '--noise', '1'],
    /bad\.csv: row 2, column 1 is "x", not a number/,
  ],
  [
    'empty cell',
    [forward, '--dim', '2', '--data', file('gap.csv', 'a,b\n1,\n'), '--column', 'b', '--noise', '1'],
    /gap\.csv: row 2, column "b" is empty/,
  ],
  [
    'covariance that is none',
    [forward, '--dim', '2', '--data', data, '--noise-covariance', file('indefinite.csv', '1,2\n2,1\n')],
    /noise\.covariance is not positive definite: its smallest eigenvalue is -1/,
  ],
  [
    'covariance of another size',
    [forward, '--dim', '2', '--data', data, '--noise-covariance', file('one.csv', '1\n')],
    /must be 2 rows of 2 numbers/,
  ],
  [
    'prior of another length',
    [forward, ...given.slice(0, 6), '--prior-sd', '1,2,3'],
    /--prior-sd has 3 numbers, and there are 2 parameters/,
  ],
  ['unknown method', [forward, ...given, '--method', 'gmik'], /unknown method "gmik"; did you mean gmki/],
  ['step outside', [forward, ...given, '--method', 'gmki', '--set', 'step=1'], /step is 1; it must be a number above 0 and below 1/],
  ['data of another length', ['navier-stokes-small', '--data', data], /has 2 data, and navier-stokes-small predicts 112/],
  ['unknown problem', ['navier-stoke'], /did you mean navier-stokes/],
  ['no such file', [join(folder, 'none.wgsl'), ...given], /there is no such file/],
];

it.each(bad)('%s', async (_, args, says) => {
  const { code, stdout, stderr } = await run(['invert', ...args]);
  expect(stderr).toMatch(says);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
  expect(code).toBe(2);
  expect(existsSync(join(folder, 'out.json'))).toBe(false);
});
