/** Every public name says what it is for. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/check-docs.mjs', import.meta.url));

/** A dynamic import of a name that is no literal: the script is plain JavaScript. */
const { undocumented } = (await import(/* @vite-ignore */ script)) as {
  undocumented(text: string, name: string): { from?: string; missing?: { name: string; line: number }[] };
};
const missing = (text: string, name: string) => undocumented(text, name).missing?.map(({ name }) => name);

describe('doc comments', () => {
  it('stand at every public name and its members', () => {
    expect(execFileSync('node', [script], { encoding: 'utf8' })).toMatch(/^\d{3} public names/);
  });

  it('are missed where they lack', () => {
    const text = `/** Said. */
export interface A {
  /** Said. */
  a: number;
  b?: string;
  c(x: number): void;
  /** For {
   * two lines.
   */
  readonly d: () => void;
}

/* No doc comment. */
export const e = 1;

/** Said. */
export class F {
  #hidden = 1;
  constructor(
    readonly g: number,
    /** Said. */
    readonly h: number,
  ) {}
  /** Said. */
  i(): void;
  i(x: number): void;
  static async j(): Promise<void> {
    const k: number = 1;
  }
}
export { type Boundary } from './elsewhere.ts';
`;
    expect(missing(text, 'A')).toEqual(['A.b', 'A.c']);
    expect(missing(text, 'e')).toEqual(['e']);
    expect(missing(text, 'F')).toEqual(['F.g', 'F.j']);
    expect(undocumented(text, 'Boundary')).toEqual({ from: './elsewhere.ts' });
    expect(missing(text, 'Unknown')).toEqual(['Unknown (no declaration found)']);
  });
});
