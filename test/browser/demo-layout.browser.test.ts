/** The demo page's looks, by structure: nothing overflows, nothing overlaps, everything is there. Screenshots are kept for eyes. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo, phase, stepTo, text } from '../harness/demo.ts';

const MINUTES = 60_000;
const artefacts = fileURLToPath(new URL('../artefacts/', import.meta.url));

const parts = [
  'header',
  '.pick',
  '#plot',
  '.transport',
  '#charts',
  '#editor',
  '#parameters .lil-gui',
  '#modes',
  '.exports',
  '.side .panel',
] as const;

interface Rectangle {
  name: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const rectangles = (page: Page): Promise<Rectangle[]> =>
  page.evaluate(
    (selectors: readonly string[]) =>
      selectors.map((name) => {
        const { left, right, top, bottom } = document.querySelector(name)!.getBoundingClientRect();
        return { name, left, right, top: top + scrollY, bottom: bottom + scrollY };
      }),
    parts,
  );

describe('demo layout', () => {
  let demo: Demo;

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true });
    demo = await Demo.start();
  }, 2 * MINUTES);

  afterAll(() => demo?.stop());

  for (const width of [390, 1440]) {
    for (const dark of [false, true]) {
      const name = `${width}-${dark ? 'dark' : 'light'}`;
      it(
        `holds at ${name}`,
        async () => {
          const height = width < 800 ? 844 : 900;
          const { page, complaints, close } = await demo.open({ width, height, dark, hash: '#problem=himmelblau&components=8&samples=64' });
          await phase(page, 'paused');
          await stepTo(page, 3);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);

          const found = await rectangles(page);
          for (const part of found) {
            expect(part.right - part.left, `${part.name} has a width`).toBeGreaterThan(width < 800 ? 200 : 120);
            expect(part.bottom - part.top, `${part.name} has a height`).toBeGreaterThan(20);
            expect(part.left, `${part.name} begins on the page`).toBeGreaterThanOrEqual(0);
            expect(part.right, `${part.name} ends on the page`).toBeLessThanOrEqual(width + 0.5);
          }
          const overlapping = found.flatMap((a, i) =>
            found
              .slice(i + 1)
              .filter((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
              .map((b) => `${a.name} and ${b.name}`),
          );
          expect(overlapping).toEqual([]);
          const of = (selector: string) => found.find((part) => part.name === selector)!;
          if (width < 800) {
            // One column, the plot before the controls.
            expect(of('#plot').top).toBeLessThan(of('#editor').top);
            expect(of('#plot').right - of('#plot').left).toBeGreaterThan(0.85 * width);
          } else {
            expect(of('#editor').right).toBeLessThan(of('#plot').left);
            expect(of('#plot').right).toBeLessThan(of('#modes').left);
            // Plot and buttons are in sight without scrolling.
            expect(of('.transport').bottom).toBeLessThan(height);
          }
          // Fingers want room.
          const small = await page.$$eval('.transport button, .exports button, #share, #theme', (buttons) =>
            buttons.filter((button) => button.getBoundingClientRect().height < 32).map(({ textContent }) => textContent),
          );
          expect(small).toEqual([]);
          expect(await contrast(page, '.note')).toBeGreaterThan(4.5);
          expect(await contrast(page, '#status')).toBeGreaterThan(4.5);
          await page.screenshot({ path: `${artefacts}${name}.png`, fullPage: true });
          expect(complaints).toEqual([]);
          await close();
        },
        10 * MINUTES,
      );
    }
  }

  it(
    'keeps the colours that the visitor chooses',
    async () => {
      const { page, complaints, close } = await demo.open();
      await phase(page, 'paused');
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      await page.click('#theme');
      const dark = await ground();
      expect(dark).not.toBe(light);
      await page.reload();
      await phase(page, 'paused');
      expect(await ground()).toBe(dark);
      expect(await page.$eval('#theme', (button) => button.getAttribute('aria-pressed'))).toBe('true');
      expect(complaints).toEqual([]);
      await close();
    },
    5 * MINUTES,
  );

  it(
    'says what is missing where there is no WebGPU',
    async () => {
      const { page, complaints, close } = await demo.open({
        prepare: (blank) => blank.evaluateOnNewDocument(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined })),
      });
      await phase(page, 'unavailable');
      expect(await text(page, '#unavailable h2')).toContain('WebGPU');
      expect(await text(page, '#unavailable-reason')).toContain('offers no WebGPU');
      expect(await page.$eval('main', (main) => getComputedStyle(main).display)).toBe('none');
      expect(
        await page.$$eval('.transport button', (buttons) => buttons.filter((button) => !(button as HTMLButtonElement).disabled).length),
      ).toBe(0);
      await page.screenshot({ path: `${artefacts}unavailable.png` });
      expect(complaints).toEqual([]);
      await close();
    },
    5 * MINUTES,
  );
});

/** Of an element's text with the ground of the page, by WCAG. */
const contrast = (page: Page, selector: string): Promise<number> =>
  page.$eval(selector, (element) => {
    const luminance = (colour: string) => {
      const [r, g, b] = colour
        .match(/[\d.]+/g)!
        .slice(0, 3)
        .map((part) => {
          const share = Number(part) / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const text = luminance(getComputedStyle(element).color);
    const ground = luminance(getComputedStyle(document.body).backgroundColor);
    return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
  });
