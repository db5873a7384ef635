/**
 * Loops over the dimensions written out. Within them arrays are indexed by constants: drivers keep arrays that are indexed by variables in
 * memory, and a software adapter reads those lane by lane (measured on SwiftShader: seventy instructions a number).
 */
import type { Module } from '../gpu/wgsl.ts';
import { MAX_UNROLLED_DIM } from './factor-unrolled.ts';

/** Modules as they are, or written out where the kernel's factors are too. */
export const unrolled = (dim: number, modules: readonly Module[]): Module[] =>
  modules.map((module) => {
    if (dim > MAX_UNROLLED_DIM) return module;
    return typeof module === 'string' ? unrollDimensions(module, dim) : async () => unrollDimensions(await module(), dim);
  });

/** As the sources have it, and as a build's shortened texts do. */
const loop = /for ?\(var (\w+) ?= ?0u; ?\1 ?< ?DIM; ?\1\+\+\) ?\{/;

/** The text with every `for (var i = 0u; i < DIM; i++) { ... }` written out. */
export function unrollDimensions(text: string, dim: number): string {
  const match = loop.exec(text);
  if (!match) return text;
  const [head, index] = match as unknown as [string, string];
  const body = text.slice(match.index + head.length, closing(text, match.index + head.length));
  const name = new RegExp(`\\b${index}\\b`, 'g');
  const inner = unrollDimensions(body, dim);
  const turns = Array.from({ length: dim }, (_, i) => `{${inner.replace(name, `${i}u`)}}`);
  const rest = text.slice(match.index + head.length + body.length + 1);
  return text.slice(0, match.index) + turns.join('\n') + unrollDimensions(rest, dim);
}

/** Where the brace closes that was opened just before `from`. */
function closing(text: string, from: number): number {
  for (let at = from, depth = 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  throw new RangeError('a loop without an end');
}
