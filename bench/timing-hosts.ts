/** Where iterations are timed: this Node process, or a page in headless Chromium. Both run timed-iteration.ts. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer';
import { createServer, type Plugin } from 'vite';
import { type AdapterDescription, closeGpu, openDevice } from '../src/gpu/device.ts';
import { launchOptions } from '../src/node/chromium.ts';
import { openGpu } from '../src/node/index.ts';
import type { MethodName, Shape } from './iteration-shapes.ts';
import { withDevice } from './machine.ts';
import { TimedIteration } from './timed-iteration.ts';

export type HostName = 'node' | 'chromium';

export interface TimingHost {
  name: HostName;
  adapter: AdapterDescription;
  /** On a device of its own, so that everything is compiled anew. */
  open(shape: Shape, method: MethodName): Promise<OpenIteration>;
  close(): Promise<void>;
}

/** See {@link TimedIteration}. */
export interface OpenIteration {
  compileMs: number;
  firstIterationMs: number;
  gpuBytes: number;
  batch(iterations: number): Promise<number>;
  stages(): Promise<Record<string, number> | null>;
  close(): Promise<void>;
}

export const openHost = (name: HostName): Promise<TimingHost> => (name === 'node' ? nodeHost() : chromiumHost());

async function nodeHost(): Promise<TimingHost> {
  return {
    name: 'node',
    adapter: await withDevice(async ({ adapter }) => adapter),
    async open(shape, method) {
      const gpu = await openDevice({ gpu: (await openGpu()).gpu });
      try {
        const timed = await TimedIteration.open(gpu, shape, method);
        const { compileMs, firstIterationMs, gpuBytes } = timed;
        return {
          compileMs,
          firstIterationMs,
          gpuBytes,
          batch: (iterations) => timed.batch(iterations),
          stages: () => timed.stages(),
          close: async () => closeGpu(gpu),
        };
      } catch (error) {
        closeGpu(gpu); // Dawn crashes a process that ends before
        throw error;
      }
    },
    close: async () => {},
  };
}

const emptyPage: Plugin = {
  name: 'modescape:bench-page',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      if (request.url !== '/') return next();
      response.setHeader('content-type', 'text/html');
      // Isolated pages have a finer clock.
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
      response.end('<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>modescape bench</title>');
    });
  },
};

async function chromiumHost(): Promise<TimingHost> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const server = await createServer({
    configFile: false,
    root,
    cacheDir: 'node_modules/.cache/modescape-bench',
    logLevel: 'error',
    define: { __VERSION__: JSON.stringify(__VERSION__) },
    plugins: [emptyPage],
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    appType: 'custom',
  });
  const browser = await server
    .listen()
    .then(async () => puppeteer.launch({ ...(await launchOptions()), protocolTimeout: 0 }))
    .catch(async (error) => {
      await server.close();
      throw error;
    });
  const close = async () => {
    await browser.close();
    await server.close();
  };
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.httpServer!.address() as AddressInfo).port}/`);
    /** Calls a function of timing-page.ts. */
    const call = async <Result>(name: string, ...values: unknown[]): Promise<Result> => {
      const result = (await page.evaluate(`(async () => {
        try { return { value: await (await import('/bench/timing-page.ts')).${name}(...${JSON.stringify(values)}) }; }
        catch (error) { return { message: String(error?.message ?? error) }; }
      })()`)) as { value: Result } | { message: string };
      if ('message' in result) throw new Error(result.message);
      return result.value;
    };
    return {
      name: 'chromium',
      adapter: await call('adapter'),
      async open(shape, method) {
        const { id, ...numbers } = await call<{ id: number } & Pick<OpenIteration, 'compileMs' | 'firstIterationMs' | 'gpuBytes'>>(
          'open',
          shape,
          method,
        );
        return {
          ...numbers,
          batch: (iterations) => call('batch', id, iterations),
          stages: () => call('stages', id),
          close: () => call('close', id),
        };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
