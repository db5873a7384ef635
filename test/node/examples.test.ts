/** The examples for Node, each in a process of its own on the built package. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPackage, buildPackage } from '../harness/package.ts';

describe('examples in Node', () => {
  let built: BuiltPackage;
  beforeAll(async () => {
    built = await buildPackage();
  });
  afterAll(() => built?.remove());

  async function output(name: string): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(built.folder, 'examples', name)], { timeout: 110_000 });
    expect(stderr).toBe('');
    return stdout;
  }

  /** Lines of numbers. */
  const points = (text: string): number[][] =>
    text
      .split('\n')
      .filter((line) => /^-?\d+\.\d+ /.test(line))
      .map((line) => line.split(' ').map(Number));

  const himmelblau = [
    [3, 2],
    [-2.8051, 3.1313],
    [-3.7793, -3.2832],
    [3.5844, -1.8481],
  ];
  function expectAll(found: number[][], known: number[][], within: number): void {
    expect(found).toHaveLength(known.length);
    for (const x of known)
      expect(
        found.some((y) => x.every((value, i) => Math.abs(value - y[i]!) <= within)),
        `near ${x}`,
      ).toBe(true);
  }

  it('node.mjs: modes, evidence and exports', async () => {
    const text = await output('node.mjs');
    expectAll(points(text), himmelblau, 2e-4);
    const [, found, exact] = /log evidence (\S+), exactly (\S+)/.exec(text)!;
    expect(Math.abs(Number(found) - Number(exact))).toBeLessThan(0.05);
    expect(text).toContain('lp__,x.1\n');
    expect(text).toContain(`${128 + 8 * 200} bytes of npy`);
  }, 120_000);

  it('shared-device.mjs: the summits of a buffer of our own', async () => {
    const text = await output('shared-device.mjs');
    const summits = [
      [0.25, 0.3, 1],
      [0.7, 0.2, 0.8],
      [0.6, 0.75, 0.6],
    ];
    for (const summit of summits)
      expect(
        points(text).some((x) => summit.every((value, i) => Math.abs(value - x[i]!) < 0.02)),
        `${summit}`,
      ).toBe(true);
    expect(text).toContain('highest grid point 1.00; the device is ours');
  }, 120_000);

  it('jax.mjs: all eight minima, by gradients of jax-js', async () => {
    const text = await output('jax.mjs');
    const corners = Array.from({ length: 8 }, (_, i) => [1, 2, 4].map((bit) => (i & bit ? 0.987 : -1.012)));
    expectAll(points(text), corners, 2e-3);
    expect(Number(/by (\d+) gradients/.exec(text)![1])).toBeGreaterThan(1000);
    expect(text.match(/global/g)).toHaveLength(1);
  }, 120_000);

  it('typegpu.mjs: an objective of TypeGPU functions', async () => {
    expectAll(points(await output('typegpu.mjs')), himmelblau, 2e-4);
  }, 120_000);
});
