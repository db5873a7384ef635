// One file for three jobs: the library build, the demo's server and the two vitest projects.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { minifyWgsl } from './scripts/minify-wgsl.mjs';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** In a worker no import map holds, so that the worker's file must carry what it needs. */
const bundled = ['comlink'];

/** Nothing else that npm installs is bundled; an installed package resolves it (or says what to install). */
const external = [
  /^node:/,
  ...[...builtinModules, ...Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies })]
    .filter((name) => !bundled.includes(name))
    .map((name) => new RegExp(`^${name}(/|$)`)),
];

/** The command line's file must begin with a shebang, whether or not its source does. */
const shebang: Plugin = {
  name: 'modescape:shebang',
  apply: 'build',
  generateBundle(_options, bundle) {
    const cli = bundle['cli.js'];
    if (cli?.type === 'chunk' && !cli.code.startsWith('#!')) cli.code = `#!/usr/bin/env node\n${cli.code}`;
  },
};

const workerScript = "new Worker(new URL('./worker-script.js', import.meta.url), { type: 'module' })";

/** The page's side names the worker's file as it is published; bundlers of other people find it by this very expression. */
const workerUrl: Plugin = {
  name: 'modescape:worker-url',
  apply: 'build',
  enforce: 'pre',
  // Vite would make a file of its own for the worker if it saw the expression.
  transform: (_code, id) =>
    id.endsWith('src/worker/start.ts') ? { code: 'export const startWorker = () => __startWorker__();', map: { mappings: '' } } : null,
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') chunk.code = chunk.code.replace('__startWorker__()', workerScript);
    }
  },
};

/** Half of a shader's text is for people. */
const shortShaders: Plugin = {
  name: 'modescape:short-shaders',
  apply: 'build',
  enforce: 'pre',
  load: (id) =>
    id.endsWith('.wgsl?raw')
      ? { code: `export default ${JSON.stringify(minifyWgsl(readFileSync(id.replace(/\?raw$/, ''), 'utf8')))};`, map: { mappings: '' } }
      : null,
};

const long = Boolean(process.env.MODESCAPE_LONG);
const minutes = 60_000;

/**
 * What a run loads is one file of the engine's, one of the search's and one of shaders, which compress best beside each other: those that
 * four others share. A page's bundler keeps files whole. What index.ts loads at once stays out of them, and what `minimize` and `nva` do out
 * of the rest, in files as small as others share.
 */
const groups = [
  { name: 'first', test: /src\/(api\/minimize|method\/nva)\.ts$/, entriesAware: true, priority: 3 },
  { name: 'index', test: /src\/index\.ts$/, entriesAware: true, priority: 2 },
  { name: 'shaders', test: /\.wgsl/, minShareCount: 4, priority: 1 },
  { name: 'engine', test: /src\/run\/engine\.ts$/ },
  { name: 'run', test: /src\/run\/search\.ts$/ },
];

/** Without the names of all that share a file. */
const chunkFileNames = ({ name }: { name: string }) => `chunks/${name.replace(/~.*/, '')}.js`;

export default defineConfig({
  define: { __VERSION__: JSON.stringify(manifest.version) },
  plugins: [shebang, workerUrl, shortShaders],
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    lib: {
      entry: {
        index: 'src/index.ts',
        node: 'src/node/index.ts',
        worker: 'src/worker/index.ts',
        'worker-script': 'src/worker/script.ts',
        cli: 'src/cli/main.ts',
      },
      formats: ['es'],
      fileName: (_format, name) => `${name}.js`,
    },
    rolldownOptions: { external, output: { chunkFileNames, codeSplitting: { groups } } },
  },
  test: {
    passWithNoTests: long,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          pool: 'forks',
          include: [long ? 'test/**/*.long.test.ts' : 'test/**/*.test.ts'],
          exclude: ['test/**/*.browser.test.ts', ...(long ? [] : ['test/**/*.long.test.ts'])],
          setupFiles: ['test/setup-node.ts'],
          testTimeout: long ? 30 * minutes : minutes,
          hookTimeout: minutes,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          environment: 'node',
          pool: 'forks',
          include: [long ? 'test/**/*.long.browser.test.ts' : 'test/**/*.browser.test.ts'],
          exclude: long ? [] : ['test/**/*.long.browser.test.ts'],
          globalSetup: ['test/setup-browser.ts'],
          testTimeout: long ? 30 * minutes : minutes,
          hookTimeout: minutes,
        },
      },
    ],
  },
});
