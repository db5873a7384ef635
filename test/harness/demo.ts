/** The demo page for tests: served by vite, in a Chromium that presents WebGPU canvases, with what its console says. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { createServer, type ViteDevServer } from 'vite';
import { launchOptions } from '../../src/node/chromium.ts';

/** Without these headless Chromium loses the device as soon as a WebGPU canvas is shown: both must be on SwiftShader's Vulkan. */
const PRESENTING = [
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--disable-vulkan-surface',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--lang=en-US',
];

const locale = { LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' };

export interface OpenOptions {
  /** Behind the address, with its `#`. */
  hash?: string;
  width?: number;
  height?: number;
  dark?: boolean;
  /** Runs before the page does. */
  prepare?: (page: Page) => Promise<unknown>;
}

/** A page of its own context. */
export interface DemoPage {
  readonly page: Page;
  /** Errors and warnings of the console, and uncaught errors. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export class Demo {
  readonly #server: ViteDevServer;
  readonly #browser: Browser;

  private constructor(server: ViteDevServer, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  static async start(): Promise<Demo> {
    const server = await createServer({
      configFile: fileURLToPath(new URL('../../demo/vite.config.ts', import.meta.url)),
      cacheDir: fileURLToPath(new URL('../../node_modules/.cache/modescape-tests-demo', import.meta.url)),
      logLevel: 'error',
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    });
    await server.listen();
    const { args, env, ...rest } = await launchOptions();
    const browser = await puppeteer.launch({
      ...rest,
      env: { ...env, ...locale },
      args: [...args, ...PRESENTING],
      protocolTimeout: 300_000,
    });
    return new Demo(server, browser);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.httpServer!.address() as AddressInfo).port}/`;
  }

  async open({ hash = '', width = 1200, height = 900, dark = false, prepare }: OpenOptions = {}): Promise<DemoPage> {
    const complaints: string[] = [];
    const context = await this.#browser.createBrowserContext();
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    page.setDefaultTimeout(120_000);
    await page.setViewport({ width, height });
    await page.evaluateOnNewDocument(keepBlobs);
    await prepare?.(page);
    await page.goto(`${this.url}${hash}`);
    return { page, complaints, close: () => context.close() };
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }
}

/** What the page would save is kept where a test can read it. */
function keepBlobs(): void {
  const saved: { name: string; blob: Blob }[] = [];
  Object.assign(globalThis, { saved });
  const blobs = new Map<string, Blob>();
  const create = URL.createObjectURL;
  URL.createObjectURL = (blob: Blob) => {
    const url = create.call(URL, blob);
    blobs.set(url, blob);
    return url;
  };
  HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
    const blob = blobs.get(this.href);
    if (blob) saved.push({ name: this.download, blob });
  };
}

export const text = (page: Page, selector: string): Promise<string> => page.$eval(selector, (element) => element.textContent ?? '');

/** A number as the page writes it. */
export const numberAt = async (page: Page, selector: string): Promise<number> =>
  Number((await text(page, selector)).replaceAll('\u2212', '-').replaceAll('\u202f', ''));

export const iteration = (page: Page): Promise<number> => numberAt(page, '#iteration');

export const phase = (page: Page, ...names: string[]) =>
  page.waitForFunction((wanted: string[]) => wanted.includes(document.body.dataset.phase ?? ''), { polling: 30, timeout: 120_000 }, names);

/** Presses Step until the run stands at `count`. */
export async function stepTo(page: Page, count: number): Promise<void> {
  for (let at = (await iteration(page)) + 1; at <= count; at++) {
    await page.click('#step');
    await page.waitForFunction(
      (wanted: number) => Number(document.querySelector('#iteration')?.textContent) === wanted,
      { polling: 20, timeout: 60_000 },
      at,
    );
  }
}

/** The bytes that a button saves, and their name. */
export async function saved(page: Page, button: string): Promise<{ name: string; bytes: Uint8Array }> {
  const before = await page.evaluate('saved.length');
  await page.$eval(button, (element) => (element as HTMLElement).click());
  await page.waitForFunction(`saved.length > ${before}`, { polling: 20 });
  const { name, bytes } = (await page.evaluate(
    'saved.at(-1).blob.arrayBuffer().then((b) => ({ name: saved.at(-1).name, bytes: Array.from(new Uint8Array(b)) }))',
  )) as { name: string; bytes: number[] };
  return { name, bytes: Uint8Array.from(bytes) };
}

export async function savedText(page: Page, button: string): Promise<string> {
  return new TextDecoder().decode((await saved(page, button)).bytes);
}

/** Sets one of the panel's controls as a visitor does. */
export async function setControl(page: Page, name: string, value: string | number | boolean): Promise<void> {
  const control = `[data-setting="${name}"]`;
  const kind = await page.$eval(control, (element) =>
    element.querySelector('select') ? 'select' : element.querySelector('input')!.type === 'checkbox' ? 'check' : 'number',
  );
  if (kind === 'check') {
    const checked = await page.$eval(`${control} input`, (element) => (element as HTMLInputElement).checked);
    if (checked !== value) await page.$eval(`${control} input`, (element) => (element as HTMLInputElement).click());
  } else if (kind === 'select') {
    await page.$eval(
      `${control} select`,
      (element, wanted) => {
        const select = element as HTMLSelectElement;
        const at = [...select.options].findIndex(({ textContent }) => textContent === wanted);
        if (at < 0) throw new Error(`no option ${wanted} among ${[...select.options].map(({ textContent }) => textContent)}`);
        select.selectedIndex = at;
        select.dispatchEvent(new Event('change', { bubbles: true }));
      },
      String(value),
    );
  } else {
    const input = (await page.$(`${control} input`))!;
    await input.evaluate((element) => {
      (element as HTMLElement).scrollIntoView({ block: 'center' });
      (element as HTMLInputElement).focus();
      (element as HTMLInputElement).select();
    });
    await page.keyboard.type(String(value));
    await page.keyboard.press('Enter');
  }
}

/** Replaces the editor's text, as typing does. */
export async function typeObjective(page: Page, content: string): Promise<void> {
  await page.focus('#editor .cm-content');
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.sendCharacter(content);
}
