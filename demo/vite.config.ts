// The demo page: `npm run demo` serves it, `npm run build:demo` writes a static copy to demo/dist.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative addresses: the static copy works in any folder of any server.
  base: './',
  cacheDir: '../node_modules/.cache/modescape-demo',
  define: { __VERSION__: JSON.stringify(version) },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    rolldownOptions: {
      output: {
        // What changes seldom is cached apart from what changes often.
        codeSplitting: {
          groups: [
            { name: 'editor', test: /node_modules\/(@codemirror|@lezer|@marijn|style-mod|crelt|w3c-keyname)/ },
            { name: 'panels', test: /node_modules\/(uplot|lil-gui|wgpu-matrix)/ },
            { name: 'problems', test: /src\/problems/ },
          ],
        },
      },
    },
  },
});
