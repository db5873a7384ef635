/** Once for all browser tests: a vite server that serves the sources and the cases, and one headless Chromium. */
import type { AddressInfo } from 'node:net';
import puppeteer from 'puppeteer';
import { createServer, type Plugin } from 'vite';
import type { TestProject } from 'vitest/node';
import manifest from '../package.json' with { type: 'json' };
import { launchOptions } from '../src/node/chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser listens, and the address of an empty page from which `/test/cases/*.ts` can be imported. */
    browser: { wsEndpoint: string; url: string };
  }
}

const emptyPage: Plugin = {
  name: 'modescape:empty-page',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      if (request.url !== '/') return next();
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>modescape tests</title>');
    });
  },
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await createServer({
    configFile: false,
    root: project.config.root,
    cacheDir: 'node_modules/.cache/modescape-tests',
    logLevel: 'error',
    define: { __VERSION__: JSON.stringify(manifest.version) },
    plugins: [emptyPage],
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: ['fast-check'] },
    appType: 'custom',
  });
  await server.listen();
  const browser = await puppeteer.launch(await launchOptions());
  const { port } = server.httpServer!.address() as AddressInfo;
  project.provide('browser', { wsEndpoint: browser.wsEndpoint(), url: `http://127.0.0.1:${port}/` });
  return async () => {
    await browser.close();
    await server.close();
  };
}
