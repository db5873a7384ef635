/**
 * The code blocks of README and guide. The word behind a fence says what becomes of them:
 *   ts             a program, run in Node on the sources, with the test adapter as `navigator.gpu`; type-checked
 *   ts continue    goes on with the program before it on the page
 *   ts browser     a program, run in Chromium and type-checked
 *   sh             run by bash in an empty folder, with `npx modescape` as it is built; files of the page are there
 *   sh setup       not run (it installs, or is the very thing that runs this test): its npm scripts must exist
 *   wgsl           compiled, in two dimensions (`fn objective`) or with three data (`fn forward`)
 *   wgsl FILE, csv FILE     a file for the `sh` blocks of the page
 *   text           what the program or the commands before it print: numbers to two parts in a hundred
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  /** Such as `README.md:12`. */
  at: string;
  page: string;
  language: string;
  /** The word behind the language. */
  tag: string;
  text: string;
  /** The `text` block that follows. */
  prints?: string;
}

export const pages: string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs/guide'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/guide/${name}`),
];

const languages: Record<string, string[] | undefined> = { ts: ['', 'continue', 'browser'], sh: ['', 'setup'], text: [''] };

/** @throws Error at a fence that nothing would become of */
export function blocksOf(page: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let begun: Block | undefined;
  lines.forEach((line, number) => {
    const fence = /^```(.*)$/.exec(line);
    if (!fence) {
      if (begun) begun.text += `${line}\n`;
      return;
    }
    if (begun) {
      close(blocks, begun);
      begun = undefined;
      return;
    }
    const [language = '', tag = ''] = fence[1]!.trim().split(/\s+/);
    const at = `${page}:${number + 1}`;
    const known = ['wgsl', 'csv'].includes(language) || languages[language]?.includes(tag);
    if (!known) throw new Error(`${at}: a block of ${line.slice(3) || 'no language'}; see test/docs/blocks.ts`);
    begun = { at, page, language, tag, text: '' };
  });
  if (begun) throw new Error(`${(begun as Block).at}: this block has no end`);
  return blocks;
}

function close(blocks: Block[], block: Block): void {
  const before = blocks.at(-1);
  if (block.tag === 'continue') {
    if (before?.language !== 'ts') throw new Error(`${block.at}: nothing to go on with`);
    // A program prints in several places: all that is said of it counts.
    before.text += block.text;
  } else if (block.language === 'text') {
    if (!before) throw new Error(`${block.at}: nothing prints this`);
    before.prints = `${before.prints ?? ''}${block.text}`;
  } else blocks.push(block);
}

export const allBlocks: Block[] = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), 'utf8')));

/** Programs as modules that the test runner, the page's server and the compiler find; in a folder of the test's own. */
export function writePrograms(name: string, blocks: readonly Block[]): { folder: string; files: string[]; remove(): void } {
  const folder = join(root, 'test/artefacts', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = blocks.map(({ at, text }) => {
    const file = join(folder, `${at.replace(/\W+/g, '-')}.ts`);
    writeFileSync(
      file,
      `${text.replace(/from 'modescape(\/\w+)?'/g, (_, entry = '') => `from '../../../src${entry}/index.ts'`)}export {};\n`,
    );
    return file;
  });
  return { folder, files, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whether a text says what is promised, numbers within two parts in a hundred. @returns the first word that differs */
export function difference(printed: string, promised: string): string | undefined {
  const [found, wanted] = [printed, promised].map((text) => text.trim().split(/[\s,[\]()]+/));
  for (let i = 0; i < Math.max(found!.length, wanted!.length); i++) {
    const [a, b] = [found![i], wanted![i]];
    if (a === b) continue;
    const [x, y] = [Number(a), Number(b)];
    if (!(Math.abs(x - y) <= 0.02 * Math.max(1, Math.abs(y)))) return `"${a}" in place of "${b}", word ${i + 1} of:\n${printed}`;
  }
  return undefined;
}
