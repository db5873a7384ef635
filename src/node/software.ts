/**
 * Unpacks a software Vulkan driver (SwiftShader) and its loader out of the npm package `@sparticuz/chromium`, so that
 * WebGPU runs on a machine that has neither a GPU nor a driver. Nothing here loads the driver: see dawn.ts.
 * The package is plain brotli and tar; its own JavaScript is not used.
 */
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '147'; // a later version wants a later Node
export const SOFTWARE_PACKAGE = `${PACKAGE}@${VERSION}`;

/**
 * Of Dawn: workgroup memory is set to zero by a loop in the shader, not by a Vulkan extension that SwiftShader answers with a store a number
 * in what it compiles: up to half of the time that takes (https://dawn.googlesource.com/dawn/+/HEAD/src/dawn/native/Toggles.cpp).
 */
export const ZERO_BY_LOOP = 'disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension';

/** Whether the package has binaries for this machine. */
export const hasSoftwareBinaries = process.platform === 'linux' && process.arch === 'x64';

export interface SoftwarePackage {
  /** Folder that holds the package's compressed files. */
  bin: string;
  /** Folder for the unpacked files; its name holds the package's version, so that an update is never ignored. */
  cache: string;
  /** Resolves the package's own dependencies. */
  require: NodeJS.Require;
}

/** Resolves an optional package from this library, else from the folder the program runs in (a global install). */
export function resolveOptional(name: string): string | undefined {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // not here: try the next place
    }
  }
  return undefined;
}

/** Finds the installed package, or throws an error that says how to install it. */
export function findSoftwarePackage(): SoftwarePackage {
  if (!hasSoftwareBinaries) {
    throw new Error(`The software adapter of ${PACKAGE} exists for Linux x64 only (this is ${process.platform} ${process.arch}).`);
  }
  const entry = resolveOptional(PACKAGE);
  if (!entry) throw new Error(`No software WebGPU adapter: ${PACKAGE} is not installed. Install it with: npm install ${SOFTWARE_PACKAGE}`);
  let root = dirname(entry);
  while (!existsSync(join(root, 'bin', 'chromium.br'))) {
    if (dirname(root) === root) throw new Error(`${PACKAGE} holds no bin/chromium.br. Install it again: npm install ${SOFTWARE_PACKAGE}`);
    root = dirname(root);
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const base = process.env.MODESCAPE_CACHE ?? join(root, '..', '..', '.cache', 'modescape');
  return { bin: join(root, 'bin'), cache: join(base, version), require: createRequire(entry) };
}

/** Unpacks the driver once per package version and returns its folder. Processes may do this at the same time. */
export async function unpackSoftwareDriver(): Promise<string> {
  const { bin, cache, require } = findSoftwarePackage();
  const folder = join(cache, 'browser');
  if (existsSync(join(folder, 'libvk_swiftshader.so'))) return folder;

  const unpacking = join(cache, `unpacking-${process.pid}`);
  mkdirSync(unpacking, { recursive: true });
  const tar = require('tar-fs') as { extract(folder: string): NodeJS.WritableStream };
  for (const archive of ['swiftshader', 'al2023', 'fonts']) {
    await pipeline(createReadStream(join(bin, `${archive}.tar.br`)), createBrotliDecompress(), tar.extract(unpacking));
  }
  try {
    renameSync(unpacking, folder);
  } catch (error) {
    rmSync(unpacking, { recursive: true, force: true });
    if (!existsSync(join(folder, 'libvk_swiftshader.so'))) throw error; // otherwise another process was first
  }
  return folder;
}
