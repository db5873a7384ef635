/** `npm run bench` without a GPU: what is counted, its arguments, and the ratios of two runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { iterationBytes, iterationFlops, totalBytes } from '../../bench/iteration-bytes.ts';
import { comparison, type IterationRow, readRows, timeTable } from '../../bench/iteration-rows.ts';
import { methods, parseMethod, parseShape, shapes } from '../../bench/iteration-shapes.ts';

const folder = mkdtempSync(join(tmpdir(), 'modescape-bench-'));

const row: IterationRow = {
  host: 'node',
  adapter: 'an adapter',
  software: true,
  method: 'nva-score',
  d: 2,
  k: 4,
  n: 1024,
  msPerIteration: 2,
  msRange: [1.5, 3],
  particleIterationsPerSecond: 512_000,
  baselineMs: 1,
  baselineRange: [0.9, 1.2],
  rounds: 5,
  iterationsPerSubmit: 10,
  compileMs: 100,
  firstIterationMs: 20,
  gpuBytes: 1e6,
  stages: { sample: 0.6, moments: 0.4 },
  gflops: 0.01,
  bytesPerParticle: { read: 24, written: 24 },
};

describe('bytes and flops of an iteration', () => {
  it('counts own samples: draws and values written once and read once, and the leaves', () => {
    const shape = { d: 10, k: 16, n: 2 ** 17 };
    const parts = (4 * (8 + 30 + 55)) / 128;
    expect(totalBytes(iterationBytes('nva-score', shape, 'separate'))).toEqual({ read: 56 + parts, written: 56 + parts });
    expect(totalBytes(iterationBytes('nva-stein', shape, 'separate'))).toEqual({ read: 96 + parts, written: 96 + parts });
    expect(totalBytes(iterationBytes('nva-score', { ...shape, d: 2 }, 'fused')).written).toBeLessThan(1);
  });

  it('counts a shared batch by pairs of sample and component', () => {
    const of = (k: number) => totalBytes(iterationBytes('nva-score-shared', { d: 10, k, n: 2 ** 12 })).read;
    expect(of(16) - of(8)).toBeCloseTo(of(8) - of(0), 6);
  });

  it('has the flops of the formulas', () => {
    expect(iterationFlops('nva-stein', { d: 10, k: 16, n: 16 })).toBe(1800);
    expect(iterationFlops('nva-score-shared', { d: 10, k: 16, n: 16 })).toBe(3300);
  });

  it('knows every method at every shape', () => {
    for (const shape of shapes) for (const method of methods) expect(totalBytes(iterationBytes(method, shape)).read).toBeGreaterThan(0);
  });
});

describe('shapes and methods as arguments', () => {
  it('reads shapes, and says what is wrong with others', () => {
    expect(parseShape('2,4,1024')).toEqual({ d: 2, k: 4, n: 1024 });
    for (const text of ['2,4', '2,4,x', '2,4,1024,5', '0,4,1024', '2.5,4,1024', '']) expect(parseShape(text)).toMatch(/d,K,n/);
    expect(parseShape('2,3,1024')).toMatch(/multiple of K/);
    expect(parseShape('2,4,4')).toMatch(/two samples/);
  });

  it('takes whole names and last words', () => {
    expect(parseMethod('nva-score')).toBe('nva-score');
    expect(parseMethod('score')).toBe('nva-score');
    expect(parseMethod('shared')).toBe('nva-score-shared');
    expect(parseMethod('semtron')).toBe('gmmvi-semtron');
    expect(parseMethod('cma')).toBeUndefined();
  });
});

describe('two runs side by side', () => {
  it('gives ratios row by row, also by the baselines, and counts what is new', () => {
    const faster = { ...row, msPerIteration: 1, baselineMs: 2, adapter: 'another one' };
    const text = comparison([row], [faster, { ...row, n: 2048 }]);
    expect(text).toContain('| node | nva-score | 2 | 4 | 1024 | 2 | 1 | 2 | 4 | another: an adapter |');
    expect(text).toContain('1 of 2 rows');
    expect(comparison([], [row])).toMatch(/No row/);
    expect(timeTable([row])).toContain('| node | nva-score | 2 | 4 | 1024 | 2 | 1.5 to 3 | 0.512 | 0.01 | 1 | 0.9 to 1.2 | 0.5 | 5 |');
  });

  it('refuses files that are no rows', () => {
    const file = (text: string) => {
      const path = join(folder, 'rows.json');
      writeFileSync(path, text);
      return path;
    };
    expect(readRows(file(JSON.stringify([row])))).toEqual([row]);
    expect(() => readRows(join(folder, 'absent.json'))).toThrow(/cannot be read/);
    expect(() => readRows(file('{'))).toThrow(/cannot be read/);
    expect(() => readRows(file('{}'))).toThrow(/no array/);
    expect(() => readRows(file('[{"d":2}]'))).toThrow(/row 0 has no number msPerIteration/);
    expect(() => readRows(file('[null]'))).toThrow(/row 0/);
  });
});

describe('the command', () => {
  const bench = (...options: string[]) => {
    const run = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url));
    const file = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url));
    return spawnSync(process.execPath, [run, file, ...options], { encoding: 'utf8' });
  };

  for (const [options, message] of [
    [['--shape', '2,3,1000'], /--shape is "2,3,1000"; n must be a multiple of K/],
    [['--shapes', '2,4,1024'], /Unknown option '--shapes'.*--shape/],
  ] as const) {
    it(`ends with 2 and one line after ${options[0]} ${options[1].split('/').at(-1)}`, () => {
      const { status, stderr, stdout } = bench(...options);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
      expect(stdout).toBe('');
    });
  }
});
