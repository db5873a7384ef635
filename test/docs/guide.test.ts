/** What README and guide say, done: see blocks.ts for what becomes of which block. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { closeDevices, warmup } from '../../src/index.ts';
import { openGpu } from '../../src/node/index.ts';
import { builtCommand } from '../cli/command.ts';
import { allBlocks, blocksOf, difference, pages, root, writePrograms } from './blocks.ts';

const exec = promisify(execFile);
const programs = allBlocks.filter(({ language }) => language === 'ts');
const written = writePrograms('docs', programs);

/** As `console.log` prints it. */
const printed = (calls: readonly unknown[][]): string =>
  calls
    .map((values) => values.map((value) => (typeof value === 'string' ? value : inspect(value, { breakLength: 140 }))).join(' '))
    .join('\n');

describe('README and guide', () => {
  beforeAll(async () => {
    Object.defineProperty(globalThis, 'navigator', { value: { gpu: (await openGpu()).gpu }, configurable: true });
  });
  afterAll(async () => {
    written.remove();
    await closeDevices();
  });

  it('have programs that are sound TypeScript', async () => {
    const extended = JSON.stringify({ extends: '../../../tsconfig.json', include: ['.', '../../../src/env.d.ts'], exclude: [] });
    writeFileSync(join(written.folder, 'tsconfig.json'), extended);
    const { stdout } = await exec('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', written.folder]).catch((error) => error);
    expect(stdout).toBe('');
  });

  programs.forEach((program, i) => {
    if (program.tag === 'browser') return;
    it(`${program.at} runs`, async () => {
      const log = vi.spyOn(console, 'log').mockImplementation(() => {});
      try {
        await import(/* @vite-ignore */ written.files[i]!);
        const text = printed(log.mock.calls);
        if (program.prints !== undefined) expect(difference(text, program.prints)).toBeUndefined();
      } finally {
        log.mockRestore();
      }
    });
  });

  for (const { at, page, text, prints } of allBlocks.filter(({ language, tag }) => language === 'sh' && tag === '')) {
    it(`${at} runs in a shell`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'modescape-docs-'));
      try {
        for (const file of allBlocks)
          if (file.page === page && ['wgsl', 'csv'].includes(file.language) && file.tag) writeFileSync(join(folder, file.tag), file.text);
        const script = `npx() { shift; "${process.execPath}" "${builtCommand()}" "$@"; }\n${text}`;
        const { stdout } = await exec('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder });
        if (prints !== undefined) expect(difference(stdout, prints)).toBeUndefined();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  for (const { at, text } of allBlocks.filter(({ tag }) => tag === 'setup')) {
    it(`${at} names npm scripts that there are`, () => {
      const scripts = [...text.matchAll(/npm (?:run )?(start|test|(?<=run )[\w:]+)/g)].map(([, name]) => name!);
      expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(scripts));
    });
  }

  for (const { at, text } of allBlocks.filter(({ language, tag }) => language === 'wgsl' && tag === '')) {
    it(`${at} compiles`, async () => {
      await warmup({ wgsl: text, box: [-1, 1], dim: 2 });
    });
  }

  it.each(pages)('%s links to what there is', (page) => {
    const whole = readFileSync(join(root, page), 'utf8');
    const scripts = [...whole.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(scripts));
    const text = whole.replace(/^```[\s\S]*?^```/gm, '');
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!).filter((link) => !/^\w+:/.test(link));
    for (const link of links) expect(() => readFileSync(resolve(root, dirname(page), link)), link).not.toThrow(/ENOENT/);
  });
});

describe('what becomes of blocks', () => {
  it('none is left out', () => {
    expect(() => blocksOf('a.md', '```\ntext\n```\n')).toThrow(/a.md:1: a block of no language/);
    expect(() => blocksOf('a.md', '```ts later\n```\n')).toThrow(/a.md:1: a block of ts later/);
    expect(() => blocksOf('a.md', 'word\n```ts\n')).toThrow(/a.md:2: this block has no end/);
    expect(() => blocksOf('a.md', '```ts continue\n```\n')).toThrow(/nothing to go on with/);
    const blocks = blocksOf('a.md', '```ts\na;\n```\n\n```ts continue\nb;\n```\n```text\nc\n```\n```sh setup\n```');
    expect(blocks).toEqual([
      { at: 'a.md:1', page: 'a.md', language: 'ts', tag: '', text: 'a;\nb;\n', prints: 'c\n' },
      { at: 'a.md:11', page: 'a.md', language: 'sh', tag: 'setup', text: '' },
    ]);
  });

  it('numbers are compared as numbers', () => {
    expect(difference('[ 3.0001, 1.99 ] found', '[3, 2] found')).toBeUndefined();
    expect(difference('3.1 2', '3 2')).toMatch(/"3.1" in place of "3"/);
    expect(difference('3 lost', '3 found')).toMatch(/"lost" in place of "found"/);
    expect(difference('3', '3 2')).toMatch(/"undefined" in place of "2"/);
  });
});
