// Packs the built package, installs the tarball into an empty project and uses it there as a stranger would:
// in plain Node without `webgpu` and without a DOM, and from TypeScript. The tarball is also given to publint and to
// arethetypeswrong. Needs dist/ (npm run build).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'modescape-package-'));

/** The names that must be there: the public face (a part of it suffices). */
const core = ['minimize', 'maximize', 'sample', 'invert', 'createSolver', 'nva'];

const run = (command, args, cwd = project) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const [packed] = JSON.parse(run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], root));
  const tarball = join(project, packed.filename);
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  run(bin('publint'), ['run', tarball, '--strict']);
  // ES modules only: CommonJS loads them by import(), or by require() from Node 20.19 on.
  run(bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color']);

  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', `./${packed.filename}`]);

  writeFileSync(
    join(project, 'plain.js'),
    `import * as core from 'modescape';
import * as node from 'modescape/node';
import * as worker from 'modescape/worker';
const missing = ${JSON.stringify(core)}.filter((name) => typeof core[name] !== 'function');
if (missing.length > 0) throw new Error('modescape does not export ' + missing.join(', '));
if (typeof worker.createWorkerSolver !== 'function') throw new Error('modescape/worker does not export createWorkerSolver');
if (!import.meta.resolve('modescape/worker-script').endsWith('/worker-script.js')) throw new Error('modescape/worker-script is not there');
if (typeof node.openGpu !== 'function') throw new Error('modescape/node does not export openGpu');
const message = await node.openGpu().then(() => 'opened', (error) => error.message);
if (!message.includes('npm install webgpu')) throw new Error('without webgpu, openGpu says: ' + message);
`,
  );
  run('node', ['plain.js']);
  run('node', ['node_modules/modescape/dist/cli.js', '--help']);

  writeFileSync(
    join(project, 'consumer.ts'),
    `import { ${core.join(', ')} } from 'modescape';
import { openGpu } from 'modescape/node';
import { createWorkerSolver, type WorkerMethod, type WorkerSolver } from 'modescape/worker';
const method: WorkerMethod = { name: 'nva', options: { components: 8 } };
export const solver: Promise<WorkerSolver> = createWorkerSolver({ wgsl: '', box: [0, 1], dim: 2 }, method);
export const { gpu, software }: { gpu: GPU; software: boolean } = await openGpu();
export const all: unknown[] = [${core.join(', ')}];
`,
  );
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,dom', '--types', ''];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const resolution of [
    ['--module', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    run('node', [tsc, ...options, ...resolution, 'consumer.ts']);
  }
  console.log(`${packed.filename} (${packed.files.length} files, ${Math.round(packed.size / 1024)} KiB) installs, imports and type-checks`);
} catch (error) {
  console.error(error.stdout || error.message);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
