/** Links of the demo page: settings go in and come out as they were, and what cannot be used is told. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../demo/catalogue.ts';
import { linkOf, readLink } from '../../demo/link.ts';
import { scenesFor } from '../../demo/scenes.ts';
import { changed, complaintOf, type Settings, settingsFor } from '../../demo/settings.ts';

const text = 'fn objective(x: Point) -> f32 {\n  return x[0] & 1 + "#?=%" // ünïcode\n}';

describe('demo links', () => {
  it('hold the settings of every problem and scene', () => {
    const all: Settings[] = [
      ...catalogue.map(({ name }) => settingsFor(name)),
      ...[true, false].flatMap((software) => scenesFor(software).map(({ settings }) => settings)),
      settingsFor('himmelblau', { text, components: 7, samples: 100, cooling: 0.123, rate: 0.9, weightRate: 0.05, seed: 2 ** 53 - 1 }),
      ...['SAMTRON', 'ZAMTRUX', 'SEPYFUX', 'ZEPIDOG', 'gmbbvi'].map((method) => settingsFor('funnel', { method, dimension: 5 })),
      ...['ZAMTRON', 'gmbbvi', 'gmki', 'df-gmvi'].map((method) => settingsFor('plane-banana-10d', { method, seed: 5 })),
      settingsFor('planar4', {
        method: 'SAMTRON',
        components: 3,
        capacity: 9,
        step: 0.5,
        weightStep: 0,
        reuse: 2,
        addEvery: 7,
        removeAfter: 9,
      }),
      settingsFor('own', { dimension: 5, sense: 'maximize', lower: -1.5, upper: 1e-3, estimator: 'ranked', goal: 'posterior' }),
    ];
    for (const settings of all) {
      expect(complaintOf(settings)).toBeUndefined();
      expect(readLink(linkOf(settings))).toEqual({ settings, complaints: [] });
    }
  });

  it('of a million particles are links of 65 536 on a software adapter', () => {
    const particles = (software: boolean) => scenesFor(software).map(({ settings }) => settings.components * settings.samples);
    expect(particles(false)).toEqual([2 ** 20, 2 ** 20]);
    expect(particles(true)).toEqual([2 ** 16, 2 ** 16]);
  });

  it.each([
    ['#problem=nothing', 'nothing'],
    ['#problem=himmelblau&seed=-1', 'seed=-1'],
    ['#problem=himmelblau&seed=1e99', 'seed=1e99'],
    ['#problem=himmelblau&components=', 'components='],
    ['#problem=himmelblau&components=2.5', 'components=2.5'],
    ['#problem=himmelblau&cooling=NaN', 'cooling=NaN'],
    ['#problem=himmelblau&dimension=3', 'dimension=3'],
    ['#problem=himmelblau&goal=glory', 'goal=glory'],
    ['#problem=himmelblau&method=magic', 'method=magic'],
    ['#problem=himmelblau&method=VIPS', 'fits log densities'],
    ['#problem=planar4&method=gmki', 'takes inverse problems'],
    ['#problem=bimodal-centred&method=SAMTRON', 'takes gradients'],
    ['#problem=planar4&method=SEPIFUX&capacity=5', 'capacity=5'],
    ['#problem=planar4&method=SAMTRON&components=20&capacity=5', 'capacity'],
    ['#problem=bimodal-centred&method=gmki&step=1', 'step=1'],
    ['#problem=bimodal-centred&method=gmbbvi&samples=2', 'samples'],
    ['#problem=himmelblau&components=256&samples=65536', 'particles'],
    ['#problem=own&lower=3&upper=-3', 'lower end below'],
    ['#problem=many-well&dimension=5', 'even'],
  ])('tell what is wrong with %s', (hash, told) => {
    const read = readLink(hash)!;
    expect(read.complaints.join()).toContain(told);
    expect(complaintOf(read.settings)).toBeUndefined();
  });

  it('take GMMVI methods by name', () => {
    for (const [name, code] of [
      ['vips', 'ZAMTRUX'],
      ['iBayes-GMM', 'SEPIFUX'],
      ['samtron', 'SAMTRON'],
    ]) {
      expect(readLink(`#problem=planar4&method=${name}`)).toMatchObject({ settings: { method: code }, complaints: [] });
    }
  });

  it('let what stands at its default follow a change, and nothing else', () => {
    const base = settingsFor('funnel', { dimension: 3, method: 'SAMTRON', step: 0.5 });
    const fixed = changed(base, { method: 'SEPIFUX' });
    expect(fixed).toMatchObject({ method: 'SEPIFUX', step: 0.5, weightStep: 1, capacity: undefined, addEvery: undefined });
    const other = changed(base, { method: 'gmbbvi' });
    expect(other).toMatchObject({ method: 'gmbbvi', rate: 0.9, samples: 7 });
    expect(other.step).toBeUndefined();
    const nva = settingsFor('himmelblau', { rate: 0.7 });
    expect(changed(nva, { estimator: 'score' })).toMatchObject({ rate: 0.7, cooling: 0.03 });
    const text = 'fn objective(x: Point) -> f32 { return -x[0] * x[0]; }';
    expect(changed(base, { text })).toMatchObject({ method: 'ZAMTRON', step: 0.5 });
    for (const settings of [fixed, other, changed(base, { text })]) {
      expect(complaintOf(settings)).toBeUndefined();
    }
  });

  it('are none where the address holds nothing', () => {
    expect(readLink('')).toBeUndefined();
    expect(readLink('#top')).toBeUndefined();
  });
});
