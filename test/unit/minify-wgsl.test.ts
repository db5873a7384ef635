/** The build's shaders say the same as the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { minifyWgsl } from '../../scripts/minify-wgsl.mjs';

const tokens = (text: string): string[] =>
  text
    .replace(/\/\/[^\n]*/g, ' ')
    .match(/[A-Za-z_]\w*|0[xX][0-9a-fA-F]+u?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fu]?|->|\+\+|--|<<|>>|&&|\|\||[<>=!+\-*/%&|^]=|\S/g) ??
  [];

describe('minifyWgsl', () => {
  it('keeps every token of every shader', () => {
    const folder = new URL('../../shaders/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wgsl'));
    expect(files.length).toBeGreaterThan(100);
    for (const name of files) {
      const text = readFileSync(new URL(name, folder), 'utf8');
      const short = minifyWgsl(text);
      expect(tokens(short), name).toEqual(tokens(text));
      expect(short.length, name).toBeLessThan(text.length);
    }
  });

  it('keeps apart what would become another token', () => {
    expect(minifyWgsl('let a = b - -c; // minus minus\nlet d = e+ +f;')).toBe('let a=b- -c;let d=e+ +f;');
    expect(minifyWgsl('x = &y; z = a & &b;')).toBe('x= &y;z=a& &b;');
    expect(minifyWgsl('/* a\n comment */ const n : u32 = 0x1Fu ;')).toBe('const n:u32=0x1Fu;');
    expect(minifyWgsl('a / b // c\n / d')).toBe('a/b/d');
    expect(minifyWgsl('1.0 .x\nvar <storage, read_write> v : array< f32 > ;')).toBe('1.0 .x var<storage,read_write>v:array<f32>;');
  });
});
