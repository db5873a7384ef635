// Runs a TypeScript file from source: node scripts/run.mjs FILE [arguments]. Vite resolves `?raw` imports on the way.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, createServerModuleRunner } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
const file = resolve(process.argv[2]);
process.argv = [process.argv[0], file, ...process.argv.slice(3)];

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  define: { __VERSION__: JSON.stringify(version) },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  appType: 'custom',
});
const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
try {
  await runner.import(file);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await runner.close();
  await server.close();
}
