/** One small run of `npm run bench`: its rows and its tables. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { IterationRow } from '../../bench/iteration-rows.ts';
import type { PeerRow } from '../../bench/peer-iterations.ts';

const folder = mkdtempSync(join(tmpdir(), 'modescape-bench-'));

function run(file: string, ...options: string[]): Promise<{ stdout: string }> {
  const paths = ['scripts/run.mjs', file].map((path) => fileURLToPath(new URL(`../../${path}`, import.meta.url)));
  return promisify(execFile)(process.execPath, [...paths, ...options]);
}

it('writes one row for one shape, method and host, and compares it with an older file', async () => {
  const json = join(folder, 'rows.json');
  const older = join(folder, 'older.json');
  writeFileSync(
    older,
    JSON.stringify([{ host: 'node', method: 'nva-score', d: 2, k: 4, n: 1024, msPerIteration: 1, baselineMs: 1, adapter: 'an older one' }]),
  );
  const shape = ['--shape', '2,4,1024', '--host', 'node', '--method', 'score', '--rounds', '3', '--batch', '4'];
  const { stdout } = await run('bench/bench.ts', ...shape, '--json', json, '--compare', older);
  const rows: IterationRow[] = JSON.parse(readFileSync(json, 'utf8'));
  expect(rows).toHaveLength(1);
  const [row] = rows as [IterationRow];
  expect(row).toMatchObject({ host: 'node', method: 'nva-score', d: 2, k: 4, n: 1024, rounds: 3, iterationsPerSubmit: 4 });
  expect(row.adapter).toMatch(/\w/);
  expect(typeof row.software).toBe('boolean');
  for (const name of [
    'msPerIteration',
    'particleIterationsPerSecond',
    'baselineMs',
    'compileMs',
    'firstIterationMs',
    'gpuBytes',
    'gflops',
  ] as const) {
    expect(row[name], name).toBeGreaterThan(0);
  }
  expect(row.particleIterationsPerSecond).toBeCloseTo((1000 * row.n) / row.msPerIteration, 6);
  expect(row.msRange[0]).toBeLessThanOrEqual(row.msPerIteration);
  expect(row.msRange[1]).toBeGreaterThanOrEqual(row.msPerIteration);
  expect(row.bytesPerParticle.read).toBeGreaterThan(0);
  if (row.stages) expect(Object.values(row.stages).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);

  expect(stdout).toContain(`Beside ${older}`);
  expect(stdout).toContain('another: an older one');
}, 120_000);

it('runs no peer without Python, and says so', async () => {
  const json = join(folder, 'peers.json');
  const shape = ['--only', 'iterations', '--shape', '2,4,1024', '--rounds', '1'];
  const { stdout } = await run('bench/peers.ts', ...shape, '--python', join(folder, 'no-python'), '--json', json);
  const { programs }: { programs: PeerRow[] } = JSON.parse(readFileSync(json, 'utf8'));
  for (const { program, msPerIteration, reason } of programs) {
    if (program === 'modescape' || program === 'plain TypeScript') expect(msPerIteration).toBeGreaterThan(0);
    else expect([msPerIteration, reason]).toEqual([undefined, expect.stringContaining('cannot be run')]);
  }
  expect(stdout).toMatch(/JAX, threefry \| {2}\| {2}\| not run/);
}, 120_000);
