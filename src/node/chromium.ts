/**
 * Finds a Chromium for headless runs and says how to start it with WebGPU. For tests and benchmarks: not part of the
 * package's public face, and free of puppeteer (the caller hands `launchOptions()` to it).
 */
import { chmodSync, createReadStream, createWriteStream, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { findSoftwarePackage, hasSoftwareBinaries, unpackSoftwareDriver, ZERO_BY_LOOP } from './software.ts';

export interface LaunchOptions {
  executablePath: string;
  env: Record<string, string | undefined>;
  headless: 'shell';
  args: string[];
}

/** Unpacks Chromium (some 200 MB, seconds, once per package version) and returns the folder it lies in. */
export async function unpackBrowser(): Promise<string> {
  if (!hasSoftwareBinaries) throw new Error('No packaged Chromium for this machine: set PUPPETEER_EXECUTABLE_PATH to an installed one.');
  const folder = await unpackSoftwareDriver();
  const executable = join(folder, 'chromium');
  if (existsSync(executable)) return folder;
  const partial = `${executable}.${process.pid}`;
  const source = createReadStream(join(findSoftwarePackage().bin, 'chromium.br'));
  await pipeline(source, createBrotliDecompress({ chunkSize: 1 << 21 }), createWriteStream(partial));
  chmodSync(partial, 0o755);
  renameSync(partial, executable);
  return folder;
}

/** Options for `puppeteer.launch`: the browser of PUPPETEER_EXECUTABLE_PATH, else the packaged one; software WebGPU. */
export async function launchOptions(): Promise<LaunchOptions> {
  const args = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', `--${ZERO_BY_LOOP}`];
  const own = process.env.PUPPETEER_EXECUTABLE_PATH;
  if (own) return { executablePath: own, env: process.env, headless: 'shell', args };
  const folder = await unpackBrowser();
  // The machine's own libraries come first; the packaged ones fill in what a bare machine lacks.
  const machine = ['/usr/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu', '/usr/lib64'];
  const libraries = [process.env.LD_LIBRARY_PATH, ...machine, join(folder, 'lib')].filter(Boolean).join(':');
  const fonts = process.env.FONTCONFIG_PATH ?? (existsSync('/etc/fonts') ? undefined : folder);
  const env = { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: fonts };
  return { executablePath: join(folder, 'chromium'), env, headless: 'shell', args };
}
