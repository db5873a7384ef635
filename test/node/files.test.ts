/** Files that are replaced again and again: whoever reads finds one whole, and a failure leaves the last one. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { replaceFile } from '../../src/cli/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'modescape-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a reader never meets half a file', async () => {
  const path = join(folder, 'kept');
  const contents = (i: number) => Buffer.alloc(200_000 + 1000 * i, i);
  replaceFile(path, contents(0));
  const reader = new Worker(
    `const { readFileSync } = require('node:fs');
    const { parentPort, workerData } = require('node:worker_threads');
    let done = false;
    let [reads, broken] = [0, 0];
    const seen = new Set();
    parentPort.on('message', () => { done = true; });
    parentPort.postMessage('ready');
    const look = () => {
      const bytes = readFileSync(workerData);
      reads++;
      seen.add(bytes[0]);
      if (bytes.length !== 200000 + 1000 * bytes[0] || !bytes.every((byte) => byte === bytes[0])) broken++;
      if (done) parentPort.postMessage({ reads, broken, seen: seen.size });
      else setImmediate(look);
    };
    look();`,
    { eval: true, workerData: path },
  );
  const next = () => new Promise<unknown>((resolve) => reader.once('message', resolve));
  await next();
  for (let i = 1; i <= 60; i++) {
    replaceFile(path, contents(i));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const said = next();
  reader.postMessage('done');
  const { reads, broken, seen } = (await said) as { reads: number; broken: number; seen: number };
  await reader.terminate();
  expect(broken).toBe(0);
  expect(reads).toBeGreaterThan(5);
  expect(seen).toBeGreaterThan(1);
  expect(readFileSync(path).equals(contents(60))).toBe(true);
});

it('what cannot be replaced stays, and nothing is left beside it', () => {
  const path = join(folder, 'taken');
  mkdirSync(path);
  writeFileSync(join(path, 'within'), 'here');
  expect(() => replaceFile(path, 'other')).toThrow();
  expect(readFileSync(join(path, 'within'), 'utf8')).toBe('here');
  expect(() => replaceFile(join(folder, 'no', 'such', 'folder'), 'other')).toThrow(/ENOENT/);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
