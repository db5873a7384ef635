/** The demo page as a visitor meets it: served by vite, driven by its own buttons. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

describe('demo page', () => {
  let server: ViteDevServer;
  let browser: Browser;
  let url: string;
  let complaints: string[];

  beforeAll(async () => {
    server = await createServer({
      configFile: fileURLToPath(new URL('../../demo/vite.config.ts', import.meta.url)),
      cacheDir: fileURLToPath(new URL('../../node_modules/.cache/modescape-tests-demo', import.meta.url)),
      logLevel: 'error',
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
      optimizeDeps: { noDiscovery: true },
    });
    await server.listen();
    url = `http://127.0.0.1:${(server.httpServer!.address() as AddressInfo).port}/`;
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser').wsEndpoint });
  });

  afterAll(async () => {
    await browser?.disconnect();
    await server?.close();
  });

  /** A page of its own context, whose console is listened to. */
  async function open(prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
    complaints = [];
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.setViewport({ width: 1200, height: 800 });
    await prepare?.(page);
    await page.goto(url);
    return page;
  }

  const phase = (page: Page, ...names: string[]) =>
    page.waitForFunction((wanted: string[]) => wanted.includes(document.body.dataset.phase ?? ''), { polling: 20 }, names);
  const text = (page: Page, selector: string) => page.$eval(selector, (element) => element.textContent ?? '');
  const iteration = async (page: Page) => Number(await text(page, '#iteration'));
  const pixels = (page: Page, selector: string) =>
    page.$eval(selector, (element) => {
      const canvas = element as HTMLCanvasElement;
      // From a copy, so that the page's own canvas is not one that is read.
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      let hash = 0;
      let drawn = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] !== 0) drawn++;
        for (let c = 0; c < 4; c++) hash = (Math.imul(hash, 31) + data[i + c]!) | 0;
      }
      return { hash, drawn };
    });

  it('runs, pauses, steps, restarts, and lists all four minima of Himmelblau, without a console error', async () => {
    const page = await open();
    await phase(page, 'paused');
    expect(await text(page, '#adapter')).toMatch(/\w/);

    // Another problem, then the one wanted: each draws its own landscape.
    const first = await pixels(page, '#landscape');
    await page.select('#problem', 'cec2013-f5');
    await phase(page, 'paused');
    expect((await pixels(page, '#landscape')).hash).not.toBe(first.hash);
    await page.select('#problem', 'himmelblau');
    await phase(page, 'paused');
    expect(await pixels(page, '#landscape')).toEqual(first);

    const start = await pixels(page, '#search');
    expect(start.drawn).toBeGreaterThan(1000);
    await page.click('#run');
    await phase(page, 'running');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await page.waitForFunction(() => Number(document.querySelector('#iteration')?.textContent) >= 5, { polling: 20 });
    await page.click('#pause');
    await phase(page, 'paused');

    const held = await iteration(page);
    expect(held).toBeGreaterThanOrEqual(5);
    const picture = await pixels(page, '#search');
    expect(picture.hash).not.toBe(start.hash);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await iteration(page)).toBe(held);
    expect(await pixels(page, '#search')).toEqual(picture);

    await page.click('#step');
    await page.waitForFunction((before: number) => Number(document.querySelector('#iteration')?.textContent) > before, {}, held);
    expect(await iteration(page)).toBe(held + 1);
    expect((await pixels(page, '#search')).hash).not.toBe(picture.hash);

    await page.click('#find');
    await page.waitForSelector('#modes:not([hidden]) tbody tr');
    await phase(page, 'paused');
    const rows = await page.$$eval('#modes tbody tr', (found) => found.map((row) => [...row.cells].map((cell) => cell.textContent)));
    const points = rows.map(([, x1, x2]) => [x1, x2].map((x) => Number(x!.replace('\u2212', '-'))));
    const close = ([a, b]: readonly number[]) => points.filter(([x, y]) => Math.hypot(x! - a!, y! - b!) < 1e-3).length;
    const minima = [
      [3, 2],
      [-2.80512, 3.13131],
      [-3.77931, -3.28319],
      [3.58443, -1.84813],
    ];
    expect(rows).toHaveLength(4);
    expect(minima.map(close)).toEqual([1, 1, 1, 1]);

    // The same seed starts from the same picture (with the modes found now ringed).
    await page.click('#restart');
    await phase(page, 'paused');
    expect(await iteration(page)).toBe(0);

    await page.setViewport({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(complaints).toEqual([]);
    await page.browserContext().close();
  }, 60_000);

  it('is moved by the keyboard alone', async () => {
    const page = await open();
    await phase(page, 'paused');
    await page.focus('#run');
    await page.keyboard.press('Enter');
    await phase(page, 'running');
    await page.waitForFunction(() => Number(document.querySelector('#iteration')?.textContent) >= 2, { polling: 20 });
    // The focus has moved on from the button that went out of use.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pause');
    await page.keyboard.press('Enter');
    await phase(page, 'paused');
    await page.focus('#restart');
    await page.keyboard.press('Enter');
    // By its outcome: with every kernel compiled already, starting may be over between two looks.
    await page.waitForFunction(
      () => document.body.dataset.phase === 'paused' && document.querySelector('#iteration')?.textContent === '0',
      {
        polling: 20,
      },
    );
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('run');
    await page.focus('#components');
    await page.keyboard.press('ArrowRight');
    await phase(page, 'paused');
    expect(await text(page, 'output[for=components]')).toBe('17');
    expect(await iteration(page)).toBe(0);
    expect(complaints).toEqual([]);
    await page.browserContext().close();
  });

  it('says what is missing where there is no WebGPU', async () => {
    const page = await open((blank) =>
      blank.evaluateOnNewDocument(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined })),
    );
    await phase(page, 'unavailable');
    expect(await text(page, '[role=alert]')).toContain('WebGPU');
    expect((await pixels(page, '#landscape')).drawn).toBeGreaterThan(10_000);
    expect(
      await page.$$eval('.transport button', (buttons) => buttons.filter((button) => !(button as HTMLButtonElement).disabled).length),
    ).toBe(0);
    expect(complaints).toEqual([]);
    await page.browserContext().close();
  });
});
