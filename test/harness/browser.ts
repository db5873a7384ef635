/** Runs a case module of test/cases in headless Chromium (launched by setup-browser.ts), each case as a vitest test. */
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import type { Cases } from './cases.ts';

/**
 * @param path the module's path under the repository root, such as `/test/cases/random.ts`
 * @param cases the same module's cases: only their names are used on this side
 */
export function runCasesInBrowser(path: string, cases: Cases): void {
  describe(path, () => {
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      const { wsEndpoint, url } = inject('browser');
      browser = await puppeteer.connect({ browserWSEndpoint: wsEndpoint, protocolTimeout: 0 });
      page = await browser.newPage();
      page.on('console', (message) => {
        if (!message.text().startsWith('[vite]')) console.log(`[page] ${message.text()}`);
      });
      await page.goto(url);
      await evaluate(page, `const { startCases } = await import('/test/harness/page.ts'); await startCases(${JSON.stringify(path)});`);
    });

    for (const name of Object.keys(cases)) {
      it(name, () => evaluate(page, `const { runCase } = await import('/test/harness/page.ts'); await runCase(${JSON.stringify(name)});`));
    }

    afterAll(async () => {
      await page?.close();
      await browser?.disconnect();
    });
  });
}

/** A string, not a closure: vitest would rewrite the closure's `import()`. Errors come back with the page's own stack. */
async function evaluate(page: Page, body: string): Promise<void> {
  const failure = await page.evaluate(`(async () => {
    try { ${body} } catch (error) { return { message: String(error?.message ?? error), stack: String(error?.stack ?? '') }; }
  })()`);
  if (!failure) return;
  const { message, stack } = failure as { message: string; stack: string };
  const error = new Error(message);
  error.stack = stack;
  throw error;
}
