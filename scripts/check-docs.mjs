// Holds that every public name, and every member of a public interface or class, has a doc comment.
// A plain scan of the sources, which are formatted by biome: declarations start a line, members are indented by two spaces.
// Prints each name without one and exits 1.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const entries = ['src/index.ts', 'src/node/index.ts', 'src/worker/index.ts'];

/** Names that an entry point exports, each with the file that declares it. */
function publicNames(entry) {
  const file = join(root, entry);
  const text = readFileSync(file, 'utf8');
  const names = [];
  for (const [, list, from] of text.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g)) {
    for (const item of list.split(',')) {
      const name = item.replace(/\btype\b/, '').trim();
      if (name !== '') names.push({ name, file: resolve(dirname(file), from) });
    }
  }
  return names;
}

/** Whether a doc comment that says something ends on the line before. */
function isDocumented(lines, at) {
  let end = at - 1;
  while (end >= 0 && /^\s*\/\/ biome-ignore/.test(lines[end])) end--;
  if (!lines[end]?.trimEnd().endsWith('*/')) return false;
  let begin = end;
  while (begin > 0 && !lines[begin].includes('/*')) begin--;
  const comment = lines.slice(begin, end + 1).join('\n');
  return /^\s*\/\*\*/.test(comment) && /\w/.test(comment);
}

const MEMBER = /^ {2}(?:(?:readonly|static|async|get|set|override|public) )*(\*?\[?[A-Za-z][\w.]*\]?)\??[(:<]/;
const PARAMETER = /^ {4}(?:public readonly|public|readonly) (\w+)\??:/;

/** @returns what lacks a comment, as { name, line } */
export function undocumented(text, name) {
  const lines = text.split('\n');
  const declaration = new RegExp(
    `^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(interface|class|type|const|enum|function\\*?) ${name}\\b`,
  );
  let start = lines.findIndex((line) => declaration.test(line));
  if (start < 0) {
    // Exported from where it was imported: `export type { Boundary } from ...`.
    const again = new RegExp(`^export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from '([^']+)'`, 'm').exec(text);
    return again ? { from: again[1] } : { missing: [{ name: `${name} (no declaration found)`, line: 1 }] };
  }
  const kind = declaration.exec(lines[start])[1];
  const missing = isDocumented(lines, start) ? [] : [{ name, line: start + 1 }];
  if ((kind !== 'interface' && kind !== 'class') || lines[start].endsWith('}')) return { missing };
  let documented = '';
  for (start++; start < lines.length && lines[start] !== '}'; start++) {
    const member = (MEMBER.exec(lines[start]) ?? PARAMETER.exec(lines[start]))?.[1];
    // Errors' names, constructors, and further overloads of a method whose first has a comment.
    if (!member || member === 'constructor' || /override readonly name/.test(lines[start]) || /^ {2}private /.test(lines[start])) continue;
    if (isDocumented(lines, start)) documented = member;
    else if (member !== documented) missing.push({ name: `${name}.${member}`, line: start + 1 });
  }
  return { missing };
}

/** Over all entry points, as lines for people. */
export function complaints() {
  const found = new Set();
  let count = 0;
  for (const entry of entries) {
    for (const { name, file } of publicNames(entry)) {
      count++;
      let at = file;
      let result = undocumented(readFileSync(at, 'utf8'), name);
      while (result.from && existsSync(resolve(dirname(at), result.from))) {
        at = resolve(dirname(at), result.from);
        result = undocumented(readFileSync(at, 'utf8'), name);
      }
      for (const missing of result.missing) found.add(`${relative(root, at)}:${missing.line}: ${missing.name} has no doc comment`);
    }
  }
  return { count, complaints: [...found] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { count, complaints: lines } = complaints();
  for (const line of lines) console.error(line);
  if (lines.length > 0) process.exitCode = 1;
  else console.log(`${count} public names and their members have doc comments`);
}
