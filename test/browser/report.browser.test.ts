/** `--report`: the page that the command line writes, opened from its file. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '../cli/command.ts';

describe('report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modescape-report-'));
  let browser: Browser;
  beforeAll(async () => {
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser').wsEndpoint });
  });
  afterAll(async () => {
    await browser?.disconnect();
    rmSync(folder, { recursive: true, force: true });
  });

  async function reported(args: string[]): Promise<{ page: Page; stdout: string; summary: Record<string, string>; done(): Promise<void> }> {
    const path = join(folder, 'report.html');
    const { code, stdout, stderr } = await run([...args, '--report', path]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(readFileSync(path, 'utf8')).not.toMatch(/NaN|undefined|https?:/);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    const rows = await page.$$eval('#summary tr', (found) => found.map((row) => [...row.cells].map((cell) => cell.textContent!)));
    const done = async () => {
      // Nothing runs over the edge of a telephone.
      await page.setViewport({ width: 390, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      expect(complaints).toEqual([]);
      await page.close();
    };
    return { page, stdout, summary: Object.fromEntries(rows), done };
  }

  it('of a search: summary, traces, weights, modes on the plane and in a table', async () => {
    const { page, stdout, summary, done } = await reported(['minimize', 'himmelblau', '--seed', '3']);
    expect(summary.outcome).toMatch(/4 modes found/);
    expect(summary.time).toMatch(/^[\d.]+ s \(compile [\d.]+, run [\d.]+, polish [\d.]+, host [\d.]+\)$/);
    for (const name of [
      'component deaths',
      'component steps failed, not taken',
      'values not finite, given no weight',
      'modes still unseen',
    ]) {
      expect(summary[name], name).toMatch(/^[\d,.]+/);
    }
    expect(stdout).toContain(`outcome             ${summary.outcome}\n`);
    for (const id of ['temperature', 'best', 'ess']) {
      const path = (await page.$eval(`#${id} path`, (element) => element.getAttribute('d')))!;
      expect(path.match(/[ML]/g)!.length, id).toBeGreaterThan(10);
    }
    // The modes where they belong: on the plane of -6 to 6, which is the plot's own frame.
    const marks = await page.$$eval('.pair circle', (circles) =>
      circles.map((element) => {
        const [, x, y] = /at \((\S+), (\S+)\)/.exec(element.textContent!)!.map(Number);
        const frame = element.ownerSVGElement!.viewBox.baseVal;
        const across = (Number(element.getAttribute('cx')) - frame.x) / frame.width;
        const down = (Number(element.getAttribute('cy')) - frame.y) / frame.height;
        return [x! - (12 * across - 6), y! - (6 - 12 * down)];
      }),
    );
    expect(marks).toHaveLength(4);
    for (const offset of marks.flat()) expect(Math.abs(offset)).toBeLessThan(0.01);
    expect(await page.$$eval('#modes tbody tr', (rows) => rows.length)).toBe(4);
    expect((await page.$$('#weights rect')).length).toBeGreaterThanOrEqual(4);
    expect((await page.$$('.pair ellipse')).length).toBeGreaterThanOrEqual(4);
    expect(await page.$$eval('svg[role=img]', (all) => all.every((plot) => plot.getAttribute('aria-label')))).toBe(true);
    await done();
  });

  it('of a posterior', async () => {
    const sampled = await reported(['sample', 'eight-schools', '--iterations', '30', '--seed', '1']);
    expect(sampled.summary['Pareto k']).toMatch(/^-?[\d.]+$/);
    expect(sampled.summary['effective sample size']).toMatch(/of 10000 draws/);
    expect(sampled.summary['log evidence']).toMatch(/\+-/);
    // Pairs of the first four axes.
    expect((await sampled.page.$$('.pair')).length).toBe(6);
    await sampled.done();
  }, 120_000);

  it('of an inversion', async () => {
    const inverted = await reported(['invert', 'four-modes-inversion', '--method', 'gmki', '--iterations', '10']);
    expect(inverted.summary['model runs']).toMatch(/^[\d,]+$/);
    expect((await inverted.page.$$('#modes tbody tr')).length).toBeGreaterThanOrEqual(1);
    await inverted.done();
  }, 120_000);
});
