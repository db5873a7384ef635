/**
 * Opens WebGPU in Node: Dawn out of the npm package `webgpu`, on the machine's GPU where there is one, else on the
 * software driver of software.ts. Knows nothing of devices: the caller requests adapter and device as in a browser.
 */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hasSoftwareBinaries, resolveOptional, SOFTWARE_PACKAGE, unpackSoftwareDriver, ZERO_BY_LOOP } from './software.ts';

/** Which adapter: `hardware`, `software` (a CPU), or `auto`: hardware where there is some, else software. */
export type AdapterChoice = 'auto' | 'hardware' | 'software';

/** Options of {@link openGpu}. */
export interface OpenGpuOptions {
  /** Default: the environment variable MODESCAPE_ADAPTER, else `auto`: a hardware adapter where there is one, else the software one. */
  adapter?: AdapterChoice;
}

/** WebGPU, as {@link openGpu} found it. */
export interface OpenedGpu {
  /** What `navigator.gpu` is in a browser: give it to every call as `gpu`. */
  gpu: GPU;
  /** Whether the adapter computes on the CPU. */
  software: boolean;
}

interface Dawn {
  create(flags: string[]): GPU;
  globals: Record<string, unknown>;
}

const CHOICES: readonly string[] = ['auto', 'hardware', 'software'];

/** A driver named by the user is left as it is. Read before this module writes these variables itself. */
const driverIsNamed = Boolean(process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES);

/** What `create()` returns must stay referenced: once collected while a device lives, the process crashes. */
const alive: GPU[] = [];
const opened = new Map<AdapterChoice, Promise<OpenedGpu>>();

/**
 * Opens WebGPU in Node and puts its constants and classes (`GPUBufferUsage`, ...) on `globalThis`.
 * Without an option the environment variable MODESCAPE_ADAPTER (`auto`, `hardware` or `software`) decides.
 *
 * @example
 * const { gpu } = await openGpu();
 * const adapter = await gpu.requestAdapter();
 */
export function openGpu(options: OpenGpuOptions = {}): Promise<OpenedGpu> {
  const choice = options.adapter ?? (process.env.MODESCAPE_ADAPTER || 'auto');
  if (!CHOICES.includes(choice)) {
    const where = options.adapter === undefined ? 'MODESCAPE_ADAPTER' : 'adapter';
    return Promise.reject(new Error(`${where} is "${choice}"; it must be one of ${CHOICES.join(', ')}.`));
  }
  const known = opened.get(choice as AdapterChoice);
  if (known) return known;
  const opening = open(choice as AdapterChoice);
  opened.set(choice as AdapterChoice, opening);
  opening.catch(() => opened.delete(choice as AdapterChoice)); // a failure may be mended: try again next time
  return opening;
}

async function open(choice: AdapterChoice): Promise<OpenedGpu> {
  const dawn = await loadDawn();
  Object.assign(globalThis, dawn.globals);

  if (driverIsNamed) {
    if (process.platform === 'linux' && !loadLibrary('libvulkan.so.1') && hasSoftwareBinaries) {
      loadLibrary(join(await unpackSoftwareDriver(), 'libvulkan.so.1'));
    }
    const named = await probe(dawn);
    if (!named) throw new Error('The driver named by VK_ICD_FILENAMES or VK_DRIVER_FILES offers no WebGPU adapter.');
    if (choice === 'hardware' && named.software) throw new Error(NO_HARDWARE);
    return named;
  }

  if (choice === 'hardware' || (choice === 'auto' && mayHaveHardware())) {
    const found = await probe(dawn);
    if (found && (!found.software || !hasSoftwareBinaries) && !(choice === 'hardware' && found.software)) return found;
    if (choice === 'hardware') throw new Error(NO_HARDWARE);
  }

  if (!hasSoftwareBinaries) {
    throw new Error(`No WebGPU adapter found. Install a Vulkan driver for this machine (on Debian: apt-get install mesa-vulkan-drivers).`);
  }
  const folder = await unpackSoftwareDriver();
  process.env.VK_ICD_FILENAMES = process.env.VK_DRIVER_FILES = join(folder, 'vk_swiftshader_icd.json');
  process.env.VK_LOADER_LAYERS_DISABLE = '~implicit~'; // layers of other drivers only print warnings
  process.env.XDG_RUNTIME_DIR ??= folder; // likewise
  loadLibrary(join(folder, 'libvulkan.so.1')); // Dawn asks for it by this name and finds it loaded
  const software = await probe(dawn, [ZERO_BY_LOOP]);
  if (!software) throw new Error(`The software adapter could not be opened. Install its package again: npm install ${SOFTWARE_PACKAGE}`);
  return software;
}

const NO_HARDWARE = 'No hardware WebGPU adapter found. Install a driver for your GPU, or use MODESCAPE_ADAPTER=software.';

async function loadDawn(): Promise<Dawn> {
  try {
    return (await import('webgpu')) as unknown as Dawn;
  } catch (error) {
    const elsewhere = resolveOptional('webgpu');
    if (elsewhere) return (await import(/* @vite-ignore */ pathToFileURL(elsewhere).href)) as Dawn;
    throw new Error(`WebGPU in Node needs the package "webgpu". Install it with: npm install webgpu ${SOFTWARE_PACKAGE}`, {
      cause: error,
    });
  }
}

async function probe(dawn: Dawn, flags: string[] = []): Promise<OpenedGpu | undefined> {
  const gpu = dawn.create(flags);
  alive.push(gpu);
  const adapter = await gpu.requestAdapter();
  if (!adapter) return undefined;
  const { architecture, description, isFallbackAdapter } = adapter.info;
  return { gpu, software: isFallbackAdapter || /swiftshader|llvmpipe/i.test(`${architecture} ${description}`) };
}

/** Without any of these no driver is probed, which would only print the loader's warnings. */
function mayHaveHardware(): boolean {
  return process.platform !== 'linux' || ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
}

/** Loads a shared library into the process for good. It is no addon, so Node complains after loading it. */
function loadLibrary(path: string): boolean {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE);
    return true;
  } catch (error) {
    return /self-register/.test(String(error));
  }
}
