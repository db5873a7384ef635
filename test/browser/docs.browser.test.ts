/** The programs of README and guide that want a page: run in Chromium. See test/docs/blocks.ts. */
import { basename } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allBlocks, writePrograms } from '../docs/blocks.ts';

const programs = allBlocks.filter(({ language, tag }) => language === 'ts' && tag === 'browser');
const written = writePrograms('docs-browser', programs);

describe('README and guide in a page', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const { wsEndpoint, url } = inject('browser');
    browser = await puppeteer.connect({ browserWSEndpoint: wsEndpoint, protocolTimeout: 0 });
    page = await browser.newPage();
    await page.goto(url);
  });
  afterAll(async () => {
    await page?.close();
    await browser?.disconnect();
    written.remove();
  });

  programs.forEach(({ at }, i) => {
    it(`${at} runs`, async () => {
      const name = `/test/artefacts/docs-browser/${basename(written.files[i]!)}`;
      // A string, not a closure: vitest would rewrite the closure's `import()`.
      const failure = await page.evaluate(
        `import(${JSON.stringify(name)}).then(() => undefined, (error) => String(error?.stack ?? error))`,
      );
      expect(failure).toBeUndefined();
    });
  });
});
