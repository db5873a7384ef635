/** `--checkpoint FILE --every S` and `--resume FILE`: an interrupted command goes on to the result it would have had. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtCommand, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'modescape-checkpoint-'));
const file = (name: string) => join(folder, name);

beforeAll(() => {
  builtCommand();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The result of a command, without what tells of the clock. */
async function resultOf(args: string[], exit = 0): Promise<Record<string, unknown>> {
  const json = file('result.json');
  const { code, stderr } = await run([...args, '--json', json]);
  expect(code, stderr).toBe(exit);
  const { seconds: _, message: __, gpuBytes: ___, ...rest } = JSON.parse(readFileSync(json, 'utf8'));
  return rest;
}

describe('a run in two parts is the run in one', () => {
  const commands: Record<string, [args: string[], part: string[], whole: string[]]> = {
    invert: [
      ['invert', 'quadratic-0.2', '--method', 'gmki'],
      ['--iterations', '7'],
      ['--iterations', '20'],
    ],
  };
  for (const [name, [args, part, whole]] of Object.entries(commands)) {
    it(name, async () => {
      const kept = file(`${name}.checkpoint`);
      const first = await resultOf([...args, ...part, '--checkpoint', kept, '--every', '0']);
      expect(first.iterations).toBe(Number(part[1]));
      expect(readdirSync(folder).filter((entry) => entry.endsWith('.tmp'))).toEqual([]);
      const resumed = await resultOf([...args, ...whole, '--resume', kept]);
      expect(resumed).toEqual(await resultOf([...args, ...whole]));
    });
  }
});

describe('mistakes are told in one line, before a GPU is looked for', () => {
  const one = ['minimize', 'himmelblau', '--iterations', '2', '--waves', '1'];
  const cases: [string, () => string[], RegExp][] = [
    ['no such file', () => ['--resume', file('none')], /none: there is no such file/],
    [
      'another file',
      () => {
        writeFileSync(file('notes.txt'), 'not a checkpoint');
        return ['--resume', file('notes.txt')];
      },
      /notes\.txt: the checkpoint cannot be read: it is no checkpoint of modescape/,
    ],
    [
      'a file of a later format',
      () => {
        const later = { format: 'modescape checkpoint', version: 99, checksum: 0, header: {}, arrays: '' };
        writeFileSync(file('later'), JSON.stringify(later));
        return ['--resume', file('later')];
      },
      /later: the checkpoint .*99/,
    ],
    ['every without a file', () => ['--every', '5'], /--every: say with --checkpoint FILE where to/],
    ['every that is no number', () => ['--checkpoint', file('a'), '--every', 'often'], /--every is "often"/],
    ['a folder that is not there', () => ['--checkpoint', file('no/such/file')], /--checkpoint .*there is no folder/],
  ];
  for (const [name, args, says] of cases) {
    it(name, async () => {
      const { code, stdout, stderr } = await run([...one, ...args()], { env: { MODESCAPE_ADAPTER: 'nonsense' } });
      expect(code, stderr).toBe(2);
      expect(stdout).toBe('');
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stderr).toMatch(says);
    });
  }

  it('cut short, and of another command', async () => {
    const command = ['invert', 'quadratic-0.2', '--method', 'gmki', '--iterations', '2'];
    const kept = file('sound');
    await resultOf([...command, '--checkpoint', kept]);
    const bytes = readFileSync(kept);
    writeFileSync(file('cut'), bytes.subarray(0, bytes.length / 2));
    const cut = await run([...command, '--resume', file('cut')]);
    expect([cut.code, cut.stderr]).toEqual([2, expect.stringMatching(/cut: the checkpoint cannot be read: it has \d+ of its \d+ bytes/)]);
    const other = await run([...command, '--resume', kept, '--seed', '5']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/another run: seed is 0 there and 5 here/)]);
  });
});
