/** The examples for browsers, from the built package by a plain file server. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { build, createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchOptions } from '../../src/node/chromium.ts';
import { type BuiltPackage, buildPackage, serveFolder } from '../harness/package.ts';

describe('examples in a browser', () => {
  let built: BuiltPackage;
  let server: Awaited<ReturnType<typeof serveFolder>>;
  let browser: Browser;

  beforeAll(async () => {
    built = await buildPackage();
    server = await serveFolder(built.folder);
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser').wsEndpoint });
  });
  afterAll(async () => {
    await browser?.disconnect();
    server?.close();
    built?.remove();
  });

  async function open(url: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    return { page, complaints };
  }

  const status = (page: Page, pattern: string) =>
    page.waitForFunction((wanted) => new RegExp(wanted).test(document.querySelector('[role=status]')?.textContent ?? ''), {}, pattern);

  const himmelblau = ['3.0000, 2.0000', '-2.8051, 3.1313', '-3.7793, -3.2832', '3.5844, -1.8481'];

  it('a plain page lists the minima', async () => {
    const { page, complaints } = await open(`${server.url}/examples/page/`);
    await status(page, 'modes found|Error');
    const found = await page.$$eval('li', (items) => items.map((item) => item.textContent));
    expect(found.sort()).toEqual(himmelblau.sort());
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('a worker runs, tells how far it is, and stops when told to, while the page draws', async () => {
    const { page, complaints } = await open(`${server.url}/examples/worker/`);
    await status(page, 'iteration|Error');
    const frames = () => page.$eval('#frames', (element) => Number(element.textContent));
    const before = await frames();
    await page.waitForFunction((least) => Number(document.querySelector('#frames')!.textContent) > least, {}, before + 3);
    await page.click('#stop');
    await status(page, 'stopped by|Error');
    expect(await page.$eval('[role=status]', (element) => element.textContent)).toMatch(
      /stopped by (aborted|final temperature|settled); best/,
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  async function expectCamel(url: string): Promise<void> {
    const { page, complaints } = await open(url);
    await status(page, 'modes found|Error');
    const rows = await page.$$eval('tbody tr', (found) => found.map((row) => [...row.cells].map((cell) => cell.textContent)));
    expect(rows).toHaveLength(6);
    for (const [x, y, value, global] of rows.slice(0, 2)) {
      const side = Math.sign(Number(x));
      expect([side * Number(x), side * Number(y), Number(value)].map((number) => number.toFixed(3))).toEqual(['0.090', '-0.713', '-1.032']);
      expect(global).toBe('yes');
    }
    expect(rows.slice(2).map((row) => row[3])).toEqual(['', '', '', '']);
    expect(complaints).toEqual([]);
    await page.close();
  }

  it('a Vite app builds and runs', async () => {
    const app = join(built.folder, 'examples/vite-app');
    await build({ root: app, configFile: join(app, 'vite.config.ts'), logLevel: 'error', base: './' });
    await expectCamel(`${server.url}/examples/vite-app/dist/`);
  });

  it('a Vite app runs in the dev server', async () => {
    const app = join(built.folder, 'examples/vite-app');
    const dev = await createServer({
      root: app,
      configFile: join(app, 'vite.config.ts'),
      logLevel: 'error',
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
      cacheDir: join(built.folder, 'vite-cache'),
    });
    await dev.listen();
    try {
      await expectCamel(dev.resolvedUrls!.local[0]!);
    } finally {
      await dev.close();
    }
  });

  it('headless-chrome.mjs launches its own Chrome', async () => {
    const { executablePath, env, args } = await launchOptions();
    const { stdout } = await promisify(execFile)(process.execPath, [join(built.folder, 'examples/headless-chrome.mjs')], {
      env: { ...env, PUPPETEER_EXECUTABLE_PATH: executablePath, CHROME_ARGS: args.join(' ') },
      timeout: 55_000,
    });
    expect(stdout).toMatch(/modes found/);
    expect(stdout).toMatch(/^1\.57\d\d -?0\.00\d\d 1\.0000$/m);
  });
});
