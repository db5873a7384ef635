/** Checkpoints of longer commands, and of interrupted ones. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('a fit in two parts is the fit in one', async () => {
  const args = ['sample', 'four-modes', '--components', '3', '--draws', '10', '--set', 'addEvery=4'];
  const kept = file('sample.checkpoint');
  await resultOf([...args, '--iterations', '10', '--checkpoint', kept]);
  const whole = [...args, '--iterations', '25'];
  expect(await resultOf([...whole, '--resume', kept])).toEqual(await resultOf(whole));
});

it('Ctrl-C leaves a checkpoint to go on from', async () => {
  const kept = file('interrupted.checkpoint');
  const args = ['minimize', 'styblinski-tang', '--dim', '6', '--waves', '1', '--iterations', '400'];
  const interrupted = await run([...args, '--checkpoint', kept, '--every', '0.2'], {
    started: (child) => {
      const wait = setInterval(() => {
        if (!existsSync(kept)) return;
        clearInterval(wait);
        child.kill('SIGINT');
      }, 20);
      child.on('close', () => clearInterval(wait));
    },
  });
  expect([130, 0]).toContain(interrupted.code);
  expect(await resultOf([...args, '--resume', kept])).toEqual(await resultOf(args));
});
