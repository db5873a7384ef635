/** WGSL as the user gives it: what it defines, and names that are taken. */
import { OptionError, ShaderError } from '../gpu/errors.ts';

const reserved = /\bfn\s+(abs|clamp|cos|dot|exp|floor|log|max|min|pow|select|sign|sin|sqrt|bitcast)\s*\(/;

const blank = (comment: string): string => comment.replace(/[^\n]/g, ' ');

/** @throws OptionError without a text; ShaderError at a name that is not the user's to define. */
export function readText(text: unknown, file: string, wanted: string): { defines: (name: string) => boolean } {
  if (typeof text !== 'string' || text.trim() === '') throw new OptionError(`wgsl must be the text of ${wanted}`);
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/\/\/[^\n]*/g, blank);
  const taken = /\b(?:fn|var|const|let|struct|alias|override)(?:<[^>]*>)?\s+(ms_\w*)/.exec(bare) ?? reserved.exec(bare);
  if (taken) {
    const line = bare.slice(0, taken.index).split('\n').length;
    throw new ShaderError(`${file}:${line}: the name ${taken[1]} is the library's own or WGSL's; choose another`, file, line, 1);
  }
  checkBrackets(bare, file);
  return { defines: (name) => new RegExp(`\\bfn\\s+${name}\\s*\\(`).test(bare) };
}

const closes: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** What is left open here would end, as the compiler sees it, somewhere in the library's own text. @throws ShaderError */
function checkBrackets(bare: string, file: string): void {
  const open: { bracket: string; line: number }[] = [];
  bare.split('\n').forEach((text, l) => {
    for (const character of text) {
      if (Object.values(closes).includes(character)) open.push({ bracket: character, line: l + 1 });
      const opening = closes[character];
      if (opening === undefined) continue;
      const last = open.pop();
      if (last?.bracket === opening) continue;
      const why = last ? `"${last.bracket}" of line ${last.line} is still open` : 'nothing is open';
      throw new ShaderError(`${file}:${l + 1}: "${character}" where ${why}`, file, l + 1, 1);
    }
  });
  const last = open.pop();
  const comment = bare.slice(0, bare.indexOf('/*')).split('\n').length;
  if (bare.includes('/*')) throw new ShaderError(`${file}:${comment}: this comment has no end`, file, comment, 1);
  if (last) throw new ShaderError(`${file}:${last.line}: "${last.bracket}" is never closed`, file, last.line, 1);
}

/** The arrays that a text reads. @throws OptionError */
export function checkArrays(data: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(data);
  if (names.length > 3)
    throw new OptionError(`data has ${names.length} arrays (${names.join(', ')}); at most three fit beside the library's own buffers`);
  for (const name of names) {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || name.startsWith('ms_'))
      throw new OptionError(`data: "${name}" cannot be the name of a WGSL array`);
    const array = data[name];
    if (!(array instanceof Float32Array) || array.length === 0)
      throw new OptionError(`data.${name} must be a Float32Array with at least one number`);
    const bad = array.findIndex((entry) => !Number.isFinite(entry));
    if (bad >= 0) throw new OptionError(`data.${name}[${bad}] is ${array[bad]}; data must be finite numbers`);
  }
}
