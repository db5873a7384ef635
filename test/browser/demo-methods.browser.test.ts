/** The demo page's methods: which are offered, what belongs to them, and that their runs are the library's own. */
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo, iteration, phase, savedText, setControl, stepTo, text } from '../harness/demo.ts';

const MINUTES = 60_000;

interface SavedRun {
  settings: Record<string, unknown>;
  mixture: { weights: number[]; means: number[][]; covariances: number[][][] };
  trace: { iteration: number; value: number }[];
}

const run = async (page: Page): Promise<SavedRun> => JSON.parse(await savedText(page, '[data-export=json]'));

const offered = (page: Page): Promise<string[]> =>
  page.$$eval('[data-setting=method] option', (options) => options.map(({ textContent }) => textContent!));

/** Of the method, not of the picture. */
const controls = (page: Page): Promise<string[]> =>
  page.$$eval('#parameters [data-setting]', (all) =>
    all
      .map((control) => (control as HTMLElement).dataset.setting!)
      .filter((name) => !/^(method|seed|dimension|module\d|showSamples|trails|ellipses|iterationsPerFrame|first|second|third)$/.test(name)),
  );

const charts = (page: Page): Promise<string[]> =>
  page.$$eval('[data-chart]', (all) => all.map((chart) => (chart as HTMLElement).dataset.chart!));

async function choose(page: Page, name: string, value: string | number): Promise<void> {
  const before = await page.evaluate(() => location.hash);
  await setControl(page, name, value);
  await page.waitForFunction((old: string) => location.hash !== old, {}, before);
  await phase(page, 'paused');
}

describe('demo methods', () => {
  let demo: Demo;

  beforeAll(async () => {
    demo = await Demo.start();
  }, 2 * MINUTES);

  afterAll(() => demo?.stop());

  it(
    'are those that suit the problem',
    async () => {
      const { page, complaints, close } = await demo.open({ hash: '#problem=himmelblau&components=3&samples=8' });
      await phase(page, 'paused');
      expect(await offered(page)).toEqual(['NVA']);
      await page.select('#problem', 'planar4');
      await page.waitForFunction(() => location.hash.includes('planar4'));
      await phase(page, 'paused');
      expect(await offered(page)).toEqual([
        'NVA',
        'SAMTRON',
        'VIPS (ZAMTRUX)',
        'iBayes-GMM (SEPIFUX)',
        'iBayes-GMM-iBLR (SEPYFUX)',
        'GMBBVI',
      ]);
      await page.select('#problem', 'bimodal-centred');
      await page.waitForFunction(() => location.hash.includes('bimodal'));
      await phase(page, 'paused');
      expect(await offered(page)).toEqual(['NVA', 'ZAMTRON', 'VIPS (ZAMTRUX)', 'GMBBVI', 'GMKI', 'DF-GMVI']);
      expect(complaints).toEqual([]);
      await close();
    },
    6 * MINUTES,
  );

  it(
    'come with their own controls and charts, and move the mixture',
    async () => {
      const { page, complaints, close } = await demo.open({ hash: '#problem=bimodal-centred&components=4&samples=32' });
      await phase(page, 'paused');
      expect(await controls(page)).toEqual(['goal', 'estimator', 'components', 'samples', 'cooling', 'rate', 'weightRate']);
      expect(await charts(page)).toEqual(['temperature', 'elbo', 'effective', 'weights']);
      for (const [title, method, components, own, drawn] of [
        [
          'VIPS (ZAMTRUX)',
          'ZAMTRUX',
          3,
          ['components', 'samples', 'capacity', 'step', 'weightStep', 'reuse', 'addEvery', 'removeAfter'],
          ['elbo', 'effective', 'weights', 'components', 'step', 'value'],
        ],
        ['GMBBVI', 'gmbbvi', 3, ['components', 'samples', 'rate', 'anneal', 'iterations'], ['temperature', 'elbo', 'step', 'weights']],
        ['GMKI', 'gmki', 5, ['components', 'step', 'iterations'], ['value', 'widest', 'weights']],
        ['DF-GMVI', 'df-gmvi', 4, ['components', 'step', 'iterations'], ['value', 'widest', 'weights']],
      ] as const) {
        await choose(page, 'method', title);
        expect(new URLSearchParams((await page.evaluate(() => location.hash)).slice(1)).get('method')).toBe(method);
        expect(await controls(page), title).toEqual(own);
        expect(await charts(page), title).toEqual(drawn);
        await choose(page, 'components', components);
        const before = await run(page);
        expect(before.mixture.means).toHaveLength(components);
        await stepTo(page, 3);
        const after = await run(page);
        expect(after.settings.method).toBe(method);
        expect(after.mixture.means.flat().every(Number.isFinite)).toBe(true);
        expect(after.mixture.means).not.toEqual(before.mixture.means);
        expect(after.trace).toHaveLength(3);
        expect(await text(page, '#message')).toBe('');
      }
      expect(complaints).toEqual([]);
      await close();
    },
    10 * MINUTES,
  );

  it(
    'of the GMMVI family are put together letter by letter, and a link restores them bit for bit',
    async () => {
      const hash =
        '#problem=funnel&dimension=3&method=SAMTRON&components=3&samples=32&capacity=5&addEvery=2&step=0.2&weightStep=0.3&reuse=1';
      const first = await demo.open({ hash });
      await phase(first.page, 'paused');
      expect(await text(first.page, '#message')).toBe('');
      await choose(first.page, 'module7', 'X: fixed');
      await choose(first.page, 'module4', 'Y: iBLR');
      await choose(first.page, 'step', 0.02);
      await setControl(first.page, 'iterationsPerFrame', 2);
      await first.page.click('#start');
      await first.page.waitForFunction(() => Number(document.querySelector('#iteration')?.textContent) >= 4, { polling: 20 });
      await first.page.click('#pause');
      await phase(first.page, 'paused');
      const there = await run(first.page);
      const link = await first.page.evaluate(() => location.hash);
      const made = await iteration(first.page);
      // One more at every second iteration, up to the capacity.
      expect(there.mixture.means.length).toBe(Math.min(5, 3 + Math.floor(made / 2)));
      await first.close();

      const second = await demo.open({ hash: link });
      await phase(second.page, 'paused');
      await stepTo(second.page, made);
      const here = await run(second.page);
      expect(here.settings).toMatchObject({ method: 'SAMYROX', step: 0.02, weightStep: 0.3, reuse: 1, capacity: 5, addEvery: 2 });
      expect(here).toEqual(there);
      expect([...first.complaints, ...second.complaints]).toEqual([]);
      await second.close();
    },
    10 * MINUTES,
  );

  it(
    'give way to one that suits when a text loses its gradient',
    async () => {
      const { page, close } = await demo.open({ hash: '#problem=funnel&dimension=3&method=gmki&components=3' });
      await phase(page, 'paused');
      expect(await text(page, '#message')).toContain('takes inverse problems');
      expect((await run(page)).settings.method).toBe('nva');
      const plain = 'fn objective(x: Point) -> f32 { return -x[0] * x[0] - x[1] * x[1] - x[2] * x[2]; }';
      await page.evaluate((wgsl: string) => {
        location.hash = `#problem=funnel&dimension=3&method=SAMTRON&components=3&samples=32&capacity=4&text=${encodeURIComponent(wgsl)}`;
      }, plain);
      await page.waitForFunction(() => document.querySelector('#message')?.textContent?.includes('takes gradients'));
      await phase(page, 'paused');
      await choose(page, 'method', 'ZAMTRON');
      await stepTo(page, 1);
      expect((await run(page)).settings.method).toBe('ZAMTRON');
      await close();
    },
    6 * MINUTES,
  );
});
