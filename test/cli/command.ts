/** Runs the command line as a child process, from dist/ where that is up to date, else from a build of its own beside it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  /** Null when a signal ended the process. */
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

let command: string | undefined;

/** Builds if it must, and returns the command's file. */
export function builtCommand(): string {
  command ??= freshDist() ?? build();
  return command;
}

function freshDist(): string | undefined {
  const dist = join(root, 'dist', 'cli.js');
  const sources = Math.max(...['src', 'shaders'].map((folder) => newest(join(root, folder))));
  return existsSync(dist) && statSync(dist).mtimeMs >= sources ? dist : undefined;
}

/** In a folder of this process, from which the packages resolve. */
function build(): string {
  const folder = join(root, 'node_modules', '.cache', `modescape-cli-${process.pid}`);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  execFileSync('node', [vite, 'build', '--outDir', folder, '--logLevel', 'error'], { cwd: root });
  return join(folder, 'cli.js');
}

/** The command, and what became of it. `started` is given the process. */
export function run(
  args: string[],
  options: { env?: Record<string, string>; started?: (child: ChildProcess) => void } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [builtCommand(), ...args], { env: { ...process.env, ...options.env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    options.started?.(child);
  });
}

function newest(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
    .reduce((a, b) => Math.max(a, b), 0);
}
