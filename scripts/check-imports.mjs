// Holds the direction of imports in src/: every file imports its own room or a lower floor, never a circle.
// Type-only imports obey the same rule. Prints each offending import and exits 1.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

/** From top to bottom. A room may import any room of a lower floor, none of its own floor. */
const floors = [
  ['cli', 'worker', 'index'],
  ['api'],
  ['method'],
  ['run'],
  ['sampler', 'estimator', 'step', 'schedule', 'result'],
  ['objective', 'mixture'],
  ['kernels'],
  ['gpu'],
];
const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));

function mayImport(from, to) {
  if (from === to) return true;
  if (from === 'cli') return to !== 'cli' && (to === 'index' || to === 'problems' || to === 'node' || floorOf.has(to));
  if (from === 'worker') return to === 'index' || (to !== 'cli' && floorOf.has(to));
  if (from === 'problems') return ['objective', 'kernels', 'gpu'].includes(to);
  if (from === 'node') return to === 'gpu';
  return floorOf.get(from) < floorOf.get(to); // false where either is unknown: problems and node are for cli, tests, bench and demo
}

/** Rooms that may import packages and Node's modules; the rest runs in a browser without either. */
const mayUsePackages = ['cli', 'node', 'worker'];

const IMPORT =
  /^[ \t]*(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\bimport\(\s*(?:\/\*.*?\*\/\s*)?['"]([^'"]+)['"]/gm;

function importsOf(file) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  const text = readFileSync(file, 'utf8')
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, blank)
    .replace(/^[ \t]*\/\/.*$/gm, blank);
  return [...text.matchAll(IMPORT)].map((match) => {
    const name = match[1] ?? match[2] ?? match[3];
    return { name, line: text.slice(0, match.index + match[0].indexOf(name)).split('\n').length };
  });
}

const roomOf = (file) => relative(source, file).split('/')[0].replace(/\.ts$/, '');

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();

const complaints = [];
const graph = new Map();

for (const file of files) {
  const room = roomOf(file);
  const targets = [];
  if (!floorOf.has(room) && room !== 'problems' && room !== 'node') complaints.push(`${relative(root, file)}: room "${room}" is unknown`);
  for (const { name, line } of importsOf(file)) {
    const at = `${relative(root, file)}:${line}: import of "${name}"`;
    if (!name.startsWith('.')) {
      if (!mayUsePackages.includes(room)) complaints.push(`${at}: only ${mayUsePackages.join(' and ')} may import packages`);
      continue;
    }
    const target = resolve(dirname(file), name.replace(/\?.*$/, ''));
    if (!existsSync(target)) {
      complaints.push(`${at}: no such file`);
    } else if (target.startsWith(join(source, '/'))) {
      if (!mayImport(room, roomOf(target))) complaints.push(`${at}: ${room} must not import ${roomOf(target)}`);
      targets.push({ target, at });
    } else if (!target.startsWith(join(root, 'shaders/'))) {
      complaints.push(`${at}: src may import nothing outside src and shaders`);
    }
  }
  graph.set(file, targets);
}

// Depth first: an import of a file that is still being visited closes a circle.
const state = new Map();
const path = [];
function visit(file) {
  state.set(file, 'open');
  path.push(file);
  for (const { target, at } of graph.get(file) ?? []) {
    if (state.get(target) === 'open') {
      const circle = [...path.slice(path.indexOf(target)), target].map((step) => relative(source, step));
      complaints.push(`${at}: circle ${circle.join(' -> ')}`);
    } else if (!state.has(target)) visit(target);
  }
  path.pop();
  state.set(file, 'done');
}
for (const file of files) if (!state.has(file)) visit(file);

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(`imports of ${files.length} files run one way`);
