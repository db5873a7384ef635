/** What a result says of itself: counts, warnings, rows; and the parts of the report's plots. */
import { describe, expect, it } from 'vitest';
import { type InversionResult, type SampleResult, type SearchResult, summarise, summaryRows } from '../../src/index.ts';
import { ellipse, ticks } from '../../src/result/plot-svg.ts';
import { withSummary } from '../../src/result/summary.ts';

const unit = [
  [1, 0],
  [0, 1],
];
const mode = (x: number[], found: number) => ({ x, value: 0, global: found > 1, covariance: unit, weight: 0.5, found });
const base = {
  status: 'success',
  message: 'done',
  stopReasons: ['all modes found'],
  modes: [mode([0, 0], 3), mode([10, 10], 1)],
  mixture: {
    weights: [0.5, 0.4999, 0.0001],
    means: [
      [0, 0.5],
      [0.5, 0],
      [10, 10],
    ],
    covariances: [unit, unit, unit],
  },
  evaluations: 1000,
  gradientEvaluations: 10,
  nonFinite: 0,
  failedSteps: 0,
  componentsRemoved: 4,
  componentsAdded: 2,
  iterations: 50,
  waves: 3,
  unseen: { expected: 0.2, share: 0.09 },
  seconds: { total: 1, compile: 0.25, run: 0.5, polish: 0.125, gpu: 0.4, readback: 0.45 },
  options: { components: 5 },
  method: 'nva',
  adapter: { vendor: 'v', architecture: 'a', description: '', software: true },
  seed: 0,
} as unknown as SearchResult;

describe('summarise', () => {
  it('counts modes, components and time', () => {
    const summary = summarise(base);
    expect(summary.modes).toEqual({ found: 2, global: 1, foundAgain: 1, shared: 1 });
    expect(summary.components).toEqual({ started: 5, left: 3, deaths: 4, births: 2, idle: 1 });
    expect(summary.seconds).toEqual({ total: 1, compile: 0.25, run: 0.5, polish: 0.125, host: 0.125, gpu: 0.4, readback: 0.45 });
    expect(summary.unseen).toEqual({ expected: 0.2, share: 0.09 });
    expect(summary.adapter).toBe('v a, software adapter (CPU)');
    expect(summary.warnings).toEqual([]);
  });

  it('warns of what went wrong', () => {
    const bad = { ...base, status: 'aborted', nonFinite: 20, failedSteps: 100, unseen: { expected: 3.2, share: 0.6 } } as SearchResult;
    const { warnings } = summarise(bad);
    expect(warnings).toHaveLength(4);
    expect(warnings.join('\n')).toMatch(/before its end[\s\S]*4 more modes[\s\S]*2\.0 % of the values[\s\S]*steps failed/);
  });

  it('judges a fit by Pareto k and the effective sample size', () => {
    const fit = {
      ...base,
      elbo: -1,
      elboStandardError: 0.1,
      logEvidence: { value: -0.9, standardError: 0.1 },
      effectiveSampleSize: 5,
      paretoK: 0.9,
      unusableDraws: 2,
      weightedDraws: { points: Array(1000).fill([0, 0]) },
    } as unknown as SampleResult;
    const summary = summarise(fit);
    expect(summary.unseen).toBeUndefined();
    expect(summary.posterior?.draws).toBe(1000);
    expect(summary.warnings.join('\n')).toMatch(/Pareto k is 0\.90[\s\S]*hardly any draws[\s\S]*2 draws from the fit/);
    const good = summarise({ ...fit, effectiveSampleSize: 995, paretoK: Number.POSITIVE_INFINITY, unusableDraws: 0 } as SampleResult);
    expect(good.warnings).toEqual([]);
  });

  it('takes inversions', () => {
    const inversion = {
      ...base,
      modes: [{ x: [1], components: 3 }, { x: [2], components: 1 }],
      modelRuns: 300,
      failedRuns: 4,
      hint: 'take gmki',
      seconds: { total: 1, compile: 0.5, run: 0.5, readback: 0.1 },
      waves: undefined,
      unseen: undefined,
    } as unknown as InversionResult; // biome-ignore format: two modes
    const summary = summarise(inversion);
    expect(summary).toMatchObject({ evaluations: 300, nonFinite: 4, modes: { found: 2, shared: 1 }, waves: undefined });
    expect(summary.warnings).toEqual(['1.3 % of the values were not finite: check the objective for log, sqrt and division', 'take gmki']);
    expect(summaryRows(summary).map(({ name }) => name)).toContain('model runs');
  });

  it('is a hidden method of a result, which stays plain data', () => {
    const result = withSummary({ ...base });
    expect(result.summary().modes.found).toBe(2);
    expect(Object.keys(result)).toEqual(Object.keys(base));
    expect(structuredClone(result)).toEqual(base);
  });

  it('is told in rows, of which the usual ones can be left out', () => {
    const rows = summaryRows(summarise(base));
    const shown = rows.filter(({ usual }) => !usual).map(({ name }) => name);
    expect(shown).toEqual([
      'outcome',
      'evaluations',
      'iterations',
      'time',
      'GPU time',
      'adapter',
      'modes found again',
      'modes still unseen',
      'component deaths',
      'components added',
    ]);
    const value = (wanted: string) => rows.find(({ name }) => name === wanted)!.value;
    expect(value('time')).toBe('1.00 s (compile 0.25, run 0.50, polish 0.13, host 0.13)');
    expect(value('GPU time')).toBe('0.40 s (80.0 % of the run)');
    expect(value('waiting for the GPU')).toBe('0.45 s (90.0 % of the run)');
  });
});

describe('plots', () => {
  it('have round ticks', () => {
    expect(ticks({ label: '', from: -6, to: 6 })).toEqual([-5, 0, 5]);
    expect(ticks({ label: '', from: 0, to: 1 }).map((value) => Number(value.toFixed(6)))).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks({ label: '', from: 0.02, to: 500, log: true })).toEqual([0.1, 1, 10, 100]);
    expect(ticks({ label: '', from: 3, to: 3 })).toEqual([3]);
  });

  it('draw a covariance as its one-sigma ellipse', () => {
    // y points down on a page.
    expect(ellipse([0, 0], [4, 0, 1], [1, -1], 'b')).toMatch(/rx="2" ry="1" transform="translate\(0 0\) rotate\(0\)"/);
    expect(ellipse([5, 5], [1, 0, 9], [1, -1], 'b')).toMatch(/rx="3" ry="1" .*rotate\(-?90\)/);
    expect(ellipse([0, 0], [1, 0.5, 1], [1, -1], 'b')).toMatch(/rotate\(-45\)/);
    expect(ellipse([0, 0], [Number.NaN, 0, 1], [1, 1], 'b')).toBe('');
  });
});
