// The size of what a page loads that imports `minimize` and `nva` alone: tree-shaken, minified, gzipped, shaders included.
// Needs dist/ (npm run build). With an argument, the bundle is written there.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/**
 * In kB of 1000 bytes: what is measured, rounded up, so that it does not grow unseen. **The goal is 40**: checkpoints, and the polish
 * that follows a search, could come when they are needed.
 */
const LIMIT = 64;

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
// What is imported at once counts; the rest is loaded when a method needs it.
const first = new Set();
const follow = (name) => {
  if (first.has(name)) return;
  first.add(name);
  for (const next of chunks.find(({ fileName }) => fileName === name).imports) follow(next);
};
for (const { isEntry, fileName } of chunks) if (isEntry) follow(fileName);
const total = chunks.filter(({ fileName }) => first.has(fileName)).reduce((sum, chunk) => sum + size(chunk), 0);
console.log(`minimize + nva: ${total.toFixed(1)} kB gzipped (limit ${LIMIT} kB)`);
for (const chunk of chunks.filter(({ fileName }) => !first.has(fileName)))
  console.log(`  later ${chunk.fileName}: ${size(chunk).toFixed(1)} kB`);
if (process.argv[2]) {
  for (const { code, fileName } of chunks) {
    // Shaders are the long strings.
    const shaders = [...code.matchAll(/`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"/gs)].map(([text]) => text).filter((text) => text.length > 200);
    const all = shaders.join('');
    console.log(
      `${fileName}: ${code.length} bytes, of which ${all.length} in ${shaders.length} shaders (${(gzipSync(all).length / 1000).toFixed(1)} kB gzipped)`,
    );
    writeFileSync(process.argv[2], code);
  }
}
if (total > LIMIT) process.exitCode = 1;
