/** Components removed and added within a capacity, rows allotted; log q of the store of past samples, and its slots. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import { compose } from '../../src/gpu/wgsl.ts';
import { type AdaptSpec, adaptKernel, historyLength, historySize, THRESHOLDS } from '../../src/kernels/adapt.ts';
import { shared } from '../../src/kernels/compose.ts';
import { pastDensityKernel, pastModule, pastSize } from '../../src/kernels/past.ts';
import {
  bestPointOffset,
  type Covariance,
  controlLayout,
  field,
  LANES,
  LEAF,
  NO_VALUE,
  pack,
  pairs,
  paramsLayout,
  recordSize,
  unpack,
} from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import {
  ADDED_LOG_WEIGHT,
  addedLogDeviation,
  allot,
  bestRow,
  type Entry,
  gaussianEntropy,
  historyEntries,
  isotropic,
  normalised,
  type PastRow,
  pastSlot,
  removals,
  scores,
} from '../reference/adapt.ts';
import { logNormaliser } from '../reference/cholesky.ts';
import { sum, type Vector } from '../reference/matrix.ts';
import { logDensity } from '../reference/mixture.ts';
import type { Words2 } from '../reference/philox.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, packMatrix, randomMixture } from './kernels-content.ts';
import {
  DIVISION,
  densityBounds,
  EPSILON,
  expError,
  expectEqual,
  expectNear,
  expectSame,
  expectVector,
  logError,
} from './kernels-tolerance.ts';

/**
 * What a component's past has been like. Light ones have next to no weight and rewards far below: stale ones have not improved; keen
 * ones have, more or less; noisy ones go up and down; of young ones the oldest entry is missing; once weighty ones had a share at some time; fallen ones were as good as the best.
 */
type Fate = 'heavy' | 'stale' | 'keen' | 'noisy' | 'young' | 'newborn' | 'weighty' | 'fallen';
const fates: Fate[] = ['heavy', 'heavy', 'stale', 'stale', 'keen', 'noisy', 'noisy', 'young', 'newborn', 'weighty', 'fallen'];

interface Scene {
  fates: Fate[];
  /** Places beyond the components. */
  room: number;
  removeAfter: number;
  /** Iterations before (negative) or after that from which components may go. */
  beyond: number;
  addEvery: 'never' | 'now' | 'later';
  past: 'some' | 'barren' | 'empty';
  /** Log weights are off by this: a sum of 1 is not to be relied on. */
  shift: number;
  /** No component has a reward in this iteration. */
  unrewarded: boolean;
  content: number;
}

/** Rewards of the iterations first .. last of a component that is there, about its level. */
function rewardOf(
  own: { fate: Fate; level: number; rise: number },
  back: number,
  { length, removeAfter }: { length: number; removeAfter: number },
  random: Content,
): number | undefined {
  const { fate, level, rise } = own;
  const old = back >= removeAfter;
  if (fate === 'young' && back === length - 1) return undefined;
  if (fate === 'newborn' && back > 1) return undefined;
  if (fate === 'heavy') return random.normal();
  if (fate === 'fallen') return old ? random.normal() : level;
  if (fate === 'keen') return Math.fround((old ? rise * level : level) + random.normal());
  if (fate === 'noisy') return Math.fround(level * random.uniform(0.5, 1.5));
  return Math.fround(level + random.normal());
}

interface Live {
  fate: Fate;
  logWeight: number;
  reward: number | undefined;
  reusable: number;
  history: Entry[];
}

function unusableValue(random: Content): number {
  return [Number.NaN, Number.POSITIVE_INFINITY, NO_VALUE, 2e30][random.integer(4)];
}

async function adaptProperty(device: GPUDevice, spec: AdaptSpec, scene: Scene): Promise<void> {
  const { dim, covariance, adaptive, proposal } = spec;
  const random = new Content(scene.content);
  const K = scene.fates.length;
  const { removeAfter } = scene;
  const capacity = K + scene.room;
  const length = historyLength(removeAfter);
  const iteration = Math.max(1, length + scene.beyond);
  const temperature = random.uniform(0.3, 3);
  const samples = 1 + random.integer(400);
  const pastRows = [4, 32, 256, 512][random.integer(4)];
  const seed: Words2 = [random.word(), random.word()];

  // ---- what is there
  const mixture = randomMixture(random, dim, K, covariance);
  const common = random.uniform(0, 1.3 * samples);
  const logits = scene.fates.map((fate) => (fate === 'heavy' ? random.normal(1.5) : random.uniform(-60, -25)));
  const logWeights = normalised(logits).map((w) => Math.fround(w + scene.shift));
  const times = { length, removeAfter };
  const live = scene.fates.map((fate, k): Live => {
    const own = { fate, level: -Math.fround(temperature * random.uniform(60, 100)), rise: random.uniform(1.2, 3) };
    const history = Array.from({ length: length - 1 }, (_, i): Entry => {
      const back = length - 1 - i;
      const share = fate === 'heavy' || (fate === 'weighty' && i === 0) ? 0.01 : Math.fround(10 ** random.uniform(-20, -8));
      return { reward: rewardOf(own, back, times, random), share: Math.fround(share) };
    });
    const reward = scene.unrewarded ? undefined : rewardOf(own, 0, times, random);
    const reusable = proposal === 'mixture' ? common : random.chance(0.1) ? 0 : random.uniform(0, 1.3 * samples);
    return { fate, logWeight: logWeights[k], reward, reusable, history };
  });
  const size = recordSize(dim);
  const factorSize = 2 * pairs(dim, covariance);
  const records = new Float32Array(capacity * size).map(() => random.normal());
  records.set(mixture.records);
  live.forEach((own, k) => {
    const record = records.subarray(k * size, (k + 1) * size);
    for (let i = 0; i < field.mean; i++) if (i !== field.logNorm) record[i] = random.normal();
    record[field.logWeight] = own.logWeight;
    record[field.reward] = own.reward ?? NO_VALUE;
    record[field.reusable] = own.reusable === 0 && random.chance(0.5) ? Number.NaN : own.reusable;
    record[field.id] = 100 + k;
    for (let i = 0; i < dim; i++) record[bestPointOffset(dim) + i] = random.normal();
  });
  const factors = new Float32Array(capacity * factorSize).map(() => random.normal());
  factors.set(mixture.factors);
  const ring = new Float32Array(historySize(capacity, removeAfter)).map(() => random.normal());
  live.forEach((own, k) => {
    own.history.forEach(({ reward, share }, i) => {
      const ended = iteration - own.history.length + i;
      if (ended < 1) return;
      ring[2 * (k * length + ((ended - 1) % length))] = reward ?? NO_VALUE;
      ring[2 * (k * length + ((ended - 1) % length)) + 1] = share;
    });
  });

  // The store: some rows unusable, some alike; what lies beyond the filled part would win.
  const drawn = scene.past === 'empty' ? 0 : random.chance(0.5) ? random.integer(pastRows) + 1 : pastRows + random.integer(5000);
  const filled = Math.min(drawn, pastRows);
  const past = new Float32Array(pastSize(dim, pastRows)).map(() => random.normal());
  const density = new Float32Array(pastRows);
  const rows: PastRow[] = [];
  for (let row = 0; row < pastRows; row++) {
    const twin = row > 0 && random.chance(0.2) ? random.integer(row) : undefined;
    const usable = scene.past !== 'barren' && random.chance(0.85);
    const at = row * (dim + 1);
    past[at] = row >= filled ? 1e6 : usable ? random.normal(20) : unusableValue(random);
    density[row] = row >= filled ? random.normal() : usable ? random.normal(300) : NO_VALUE;
    if (twin !== undefined && twin < filled && row < filled) {
      past[at] = past[twin * (dim + 1)];
      density[row] = density[twin];
    }
  }
  // The best one twice, for one lane and for another.
  if (scene.past === 'some' && random.chance(0.5)) {
    const champion = random.integer(filled);
    for (const row of [champion, champion + 1, champion + LANES].filter((row) => row < filled)) {
      past[row * (dim + 1)] = 400;
      density[row] = -5000;
    }
  }
  for (let row = 0; row < filled; row++)
    rows.push({ l: density[row] === NO_VALUE ? undefined : past[row * (dim + 1)], logQ: density[row] });

  const additions = random.integer(20);
  const reuse = random.chance(0.3) ? 0 : random.integer(2 * samples);
  const addEvery =
    scene.addEvery === 'never' ? 0 : scene.addEvery === 'now' ? [1, iteration][random.integer(2)] : iteration + 1 + random.integer(5);
  const evaluations = 1000;
  const params = {
    ...defaultParams,
    seed,
    components: 5,
    samples,
    capacity,
    row_capacity: random.chance(0.2) ? 0xffffffff : (K + 1) * samples + random.integer(5000),
    row_budget: random.chance(0.5) ? (K + 1) * samples : 1 + random.integer((K + 1) * samples),
    reuse,
    step_first: random.uniform(0.1, 1),
    add_every: addEvery,
    remove_after: removeAfter,
    past_rows: pastRows,
    start_entropy: random.uniform(-2 * dim, dim),
    ridge_first: random.uniform(0, 1),
    deviation_cap: random.chance(0.3) ? random.uniform(0.1, 1) : 0,
    deviation_floor: random.chance(0.3) ? random.uniform(0.01, 0.5) : 0,
    max_evaluations: [0xffffffff, evaluations, evaluations + samples, evaluations + K * samples][random.integer(4)],
  };
  const control = {
    ...defaultControl,
    iteration,
    round: random.word(),
    evaluations,
    temperature,
    components: K,
    drawn,
    additions,
    removals: 3,
    spread: random.normal(),
    weight_step: random.normal(),
    trace_count: 7,
  };

  // ---- what ought to be there
  const latest = historyEntries(live, temperature);
  const histories = live
    .map((own, k) => [...own.history.slice(-(iteration - 1) || own.history.length), latest[k]])
    .map((own) => own.slice(-iteration));
  const decided = removals(logWeights, histories, removeAfter);
  const unit = (2 * length + 16) * EPSILON * 500 * temperature;
  if (decided.margin < unit) return;
  const gone = adaptive ? decided.gone : logWeights.map(() => false);
  const left = live.map((_, k) => k).filter((k) => !gone[k]);
  const removed = K - left.length;
  const due = adaptive && addEvery > 0 && iteration > 1 && iteration % addEvery === 0;
  const thresholds = spec.thresholds ?? THRESHOLDS;
  const delta = thresholds[(additions + 1) % thresholds.length];
  const all = scores(rows, delta, temperature);
  const chosen = due && K < capacity ? bestRow(all) : -1;
  if (chosen >= 0) {
    const slack = 8 * EPSILON * (200 + temperature * (6000 + delta));
    const rival = all.findIndex(
      (score, row) => score !== undefined && score !== all[chosen] && score > all[chosen]! - slack && row !== chosen,
    );
    if (rival >= 0) return;
  }
  const count = left.length + (chosen >= 0 ? 1 : 0);
  const keptWeights = removed > 0 ? normalised(left.map((k) => logWeights[k])) : left.map((k) => logWeights[k]);
  const allotted = allot([...left.map((k) => live[k].reusable), ...(chosen >= 0 ? [0] : [])], {
    proposal,
    samples,
    rowBudget: params.row_budget,
    rowCapacity: params.row_capacity,
    reuse,
    leaf: LEAF,
    drawn,
    evaluations,
    maxEvaluations: params.max_evaluations,
  });

  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, control),
      ms_params: pack(paramsLayout, params),
      ms_components: records,
      ms_factors: factors,
      ms_history: ring,
      ms_past: past,
      ms_past_density: density,
    });
    await bench.dispatch(adaptKernel(spec), 1);
    const [block, gotRecords, gotFactors, gotHistory] = await bench.floats('ms_control', 'ms_components', 'ms_factors', 'ms_history');
    const got = unpack(controlLayout, block.buffer);
    const want = {
      ...unpack(controlLayout, pack(controlLayout, control).buffer),
      components: count,
      additions: additions + (due ? 1 : 0),
      removals: 3 + removed,
      fresh: allotted.fresh,
      rows: allotted.rows,
      leaves: allotted.leaves,
      first_row: allotted.firstRow,
      stop: allotted.stops ? 2 : 0,
    };
    for (const name of Object.keys(want) as (keyof typeof want)[]) expectEqual(`control ${name}`, got[name], want[name]);

    const logs = (w: number) =>
      removed > 0 ? 8 * K * EPSILON + logError(Math.log(K)) + 8 * EPSILON * Math.abs(w) + 4 * EPSILON * (1 + Math.abs(scene.shift)) : 0;
    const newest = (iteration - 1) % length;
    const rewards = latest.map(({ reward }) => reward).filter((reward) => reward !== undefined);
    const top = Math.max(...rewards);
    left.forEach((k, place) => {
      const before = records.subarray(k * size, (k + 1) * size);
      const after = gotRecords.subarray(place * size, (place + 1) * size);
      const rewritten: number[] = [field.firstDraw, field.draws, field.logShare, ...(removed > 0 ? [field.logWeight] : [])];
      before.forEach((entry, i) => {
        if (!rewritten.includes(i)) expectEqual(`entry ${i} of component ${k}`, after[i], entry);
      });
      expectNear(`log weight of component ${k}`, after[field.logWeight], keptWeights[place], logs(keptWeights[place]));
      expectSame(
        `factors of component ${k}`,
        gotFactors.subarray(place * factorSize, (place + 1) * factorSize),
        factors.subarray(k * factorSize, (k + 1) * factorSize),
      );
      if (!adaptive) return;
      const historyBefore = ring.subarray(2 * k * length, 2 * (k + 1) * length);
      const historyAfter = gotHistory.subarray(2 * place * length, 2 * (place + 1) * length);
      historyBefore.forEach((entry, i) => {
        if (i >> 1 !== newest) expectEqual(`history entry ${i} of component ${k}`, historyAfter[i], entry);
      });
      const { reward, share } = latest[k];
      expectEqual(`reward in the history of component ${k}`, historyAfter[2 * newest], reward ?? NO_VALUE);
      const exponent = reward === undefined ? 0 : Math.abs((reward - top) / temperature);
      const relative = Math.max(expError(logWeights[k]), expError(exponent) + (4 * exponent + 2 * K + 10) * EPSILON);
      expectNear(`share in the history of component ${k}`, historyAfter[2 * newest + 1], share, relative * share);
    });
    if (!adaptive) expectSame('history', gotHistory, ring);

    // The new one.
    if (chosen >= 0) {
      const place = left.length;
      const record = gotRecords.subarray(place * size, (place + 1) * size);
      const x = past.subarray(chosen * (dim + 1) + 1, (chosen + 1) * (dim + 1));
      const factorsOf = left.map((k) => mixture.components[k].factor);
      const entropies = factorsOf.map(gaussianEntropy);
      const weights = keptWeights.map((w) => Math.exp(w));
      const logDeviation = addedLogDeviation(weights, entropies, {
        dim,
        startEntropy: params.start_entropy,
        round: control.round,
        seed,
        cap: params.deviation_cap,
        floor: params.deviation_floor,
      });
      const off = sum(
        weights.map((w, j) => {
          const error = expError(keptWeights[j]) + logs(keptWeights[j]) + (K + 8) * EPSILON;
          return w * (dim + Math.abs(logNormaliser(factorsOf[j]))) * error;
        }),
      );
      const held = params.deviation_cap > 0 || params.deviation_floor > 0;
      const allowed =
        (off + 6 * EPSILON * (sum(weights.map((w, j) => w * Math.abs(entropies[j]))) + Math.abs(params.start_entropy))) / dim +
        8 * EPSILON * (2 + Math.abs(logDeviation)) +
        (held ? logError(logDeviation) : 0);
      const deviation = Math.exp(logDeviation);
      const relative = allowed + expError(logDeviation) + 2 * EPSILON;
      const exact: [number, number][] = [
        [field.stepFactor, 1],
        [field.status, 0],
        [field.best, past[chosen * (dim + 1)]],
        [field.step, Math.fround(params.step_first)],
        [field.reward, NO_VALUE],
        [field.pastReward, NO_VALUE],
        [field.updates, 0],
        [field.id, params.components + additions + 1],
        [field.reusable, 0],
        [field.fit, 0],
        [field.ridge, Math.fround(params.ridge_first)],
      ];
      for (const [i, value] of exact) expectEqual(`entry ${i} of the new component`, record[i], value);
      expectSame('mean of the new component', record.subarray(field.mean, field.mean + dim), x);
      expectSame('best point of the new component', record.subarray(bestPointOffset(dim), bestPointOffset(dim) + dim), x);
      expectNear('log weight of the new component', record[field.logWeight], ADDED_LOG_WEIGHT, 100 * EPSILON);
      expectNear('deviation of the new component', record[field.deviation], deviation, relative * deviation);
      const wantNorm = logNormaliser(isotropic(dim, deviation));
      expectNear(
        'log norm of the new component',
        record[field.logNorm],
        wantNorm,
        dim * allowed + 6 * EPSILON * dim * (1 + Math.abs(logDeviation)),
      );
      const factor = gotFactors.subarray(place * factorSize, (place + 1) * factorSize);
      const wantFactor: Vector = [
        ...packMatrix(isotropic(dim, deviation), covariance),
        ...packMatrix(isotropic(dim, 1 / deviation), covariance),
      ];
      wantFactor.forEach((entry, i) => {
        if (entry === 0) expectEqual(`factor entry ${i} of the new component`, factor[i], 0);
        else expectNear(`factor entry ${i} of the new component`, factor[i], entry, (relative + 2 * DIVISION) * entry);
      });
      const history = gotHistory.subarray(2 * place * length, 2 * (place + 1) * length);
      history.forEach((entry, i) => {
        expectEqual(`history entry ${i} of the new component`, entry, i % 2 === 0 ? NO_VALUE : Math.fround(1e-29));
      });
    }

    // The rows of the next iteration.
    for (let k = 0; k < count; k++) {
      const record = gotRecords.subarray(k * size, (k + 1) * size);
      expectEqual(`rows of component ${k}`, record[field.draws], allotted.draws[k]);
      expectEqual(`first row of component ${k}`, record[field.firstDraw], allotted.first[k]);
      if (proposal === 'mixture') expectEqual(`log share of component ${k}`, record[field.logShare], record[field.logWeight]);
      else {
        const share = Math.log(allotted.draws[k] / allotted.fresh);
        expectNear(`log share of component ${k}`, record[field.logShare], share, logError(share) + DIVISION);
      }
    }

    // Stopped: the kernel keeps its hands off.
    const stopped = {
      ms_control: pack(controlLayout, { ...control, stop: 16 }),
      ms_components: records,
      ms_factors: factors,
      ms_history: ring,
    };
    bench.put(stopped);
    await bench.dispatch(adaptKernel(spec), 1);
    const after = await bench.floats('ms_control', 'ms_components', 'ms_factors', 'ms_history');
    Object.entries(stopped).forEach(([name, content], i) => {
      const want = new Float32Array(content.buffer);
      // A buffer has a least size.
      expectSame(`${name} after the stop`, after[i].subarray(0, want.length), want);
    });
  });
}

const plain: Scene = {
  fates: ['heavy'],
  room: 1,
  removeAfter: 10,
  beyond: 0,
  addEvery: 'never',
  past: 'some',
  shift: 0,
  unrewarded: false,
  content: 1,
};

const scenes: Scene[] = [
  plain,
  { ...plain, addEvery: 'now' },
  { ...plain, addEvery: 'now', room: 0 },
  { ...plain, addEvery: 'now', past: 'barren' },
  { ...plain, addEvery: 'now', past: 'empty' },
  // The last component stays, and so does the one of largest weight.
  { ...plain, fates: ['stale'], shift: -15 },
  { ...plain, fates: ['stale', 'heavy'], shift: -60 },
  { ...plain, fates: ['stale', 'stale', 'stale'], shift: -15 },
  // First, last, several, all but one; with an addition into the room that was there.
  { ...plain, fates: ['stale', 'heavy', 'heavy'] },
  { ...plain, fates: ['heavy', 'heavy', 'stale'], addEvery: 'now' },
  { ...plain, fates: ['heavy', 'stale', 'stale', 'heavy', 'stale', 'heavy'], addEvery: 'now' },
  { ...plain, fates: ['stale', 'stale', 'heavy', 'stale', 'stale'], addEvery: 'now', room: 0 },
  // One iteration too early; protected ones.
  { ...plain, fates: ['heavy', 'stale', 'stale'], beyond: -1 },
  { ...plain, fates: ['heavy', 'young', 'newborn', 'keen', 'weighty', 'fallen'], beyond: 1 },
  { ...plain, fates: ['heavy', 'stale', 'stale'], unrewarded: true },
  { ...plain, fates: ['heavy', 'stale', 'young', 'stale'], removeAfter: 100, beyond: 250, addEvery: 'now' },
  { ...plain, fates: ['heavy', 'stale', 'young', 'fallen'], removeAfter: 3, beyond: 4 },
  { ...plain, fates: ['heavy', ...new Array<Fate>(20).fill('noisy'), ...new Array<Fate>(20).fill('keen')], removeAfter: 3 },
];

const examples = scenes.map((scene, i): Scene => ({ ...scene, content: i }));

/** More components than lanes. */
const many = (content: number): Scene => {
  const random = new Content(content);
  return { ...plain, fates: Array.from({ length: 300 }, () => fates[random.integer(fates.length)]), addEvery: 'now', beyond: 20, content };
};

function adaptCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => [
      `components change and rows are allotted, d = ${dim}`,
      async (device: GPUDevice) => {
        const covariances: Covariance[] = dim > WIDE ? ['full'] : every ? ['full', 'diagonal'] : [turn % 2 === 0 ? 'diagonal' : 'full'];
        const specs = covariances.flatMap((covariance) =>
          (['component', 'mixture'] as const).map(
            (proposal): AdaptSpec => ({
              dim,
              covariance,
              adaptive: true,
              proposal,
              capacity: 400,
              ...(turn++ % 3 === 0 ? { thresholds: [2.5, 40] } : {}),
            }),
          ),
        );
        const fixed = specs.map((spec): AdaptSpec => ({ ...spec, adaptive: false, capacity: turn % 2 === 0 ? 10 : 400 }));
        await compileAll(device, [...specs, ...fixed].map(adaptKernel));
        const inputs = {
          fates: fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: dim > WIDE ? 5 : 40 }),
          room: fc.nat(3),
          removeAfter: fc.constantFrom<number[]>(3, 9, 10, 17, 100),
          beyond: fc.integer({ min: -2, max: 300 }),
          addEvery: fc.constantFrom('never' as const, 'now' as const, 'now' as const, 'later' as const),
          past: fc.constantFrom('some' as const, 'some' as const, 'barren' as const, 'empty' as const),
          shift: fc.constantFrom<number[]>(0, 0, -20),
          unrewarded: fc.constantFrom(false, false, false, true),
          content: fc.nat(),
        };
        for (const spec of specs) {
          const chosen = every || dim <= 2 ? [...examples, ...(dim <= 2 ? [many(3)] : [])] : examples.slice(10, 11);
          await forAll(chosen.length + runs, inputs, chosen, (scene) => adaptProperty(device, spec, scene));
        }
        for (const spec of fixed) await forAll(runs, inputs, [examples[10]], (scene) => adaptProperty(device, spec, scene));
      },
    ]),
  );
}

// ---- log q of the store

async function densityProperty(
  device: GPUDevice,
  spec: { dim: number; covariance: Covariance },
  sizes: { components: number; rows: number; beyond: number; gridWidth: number; content: number },
): Promise<void> {
  const { dim, covariance } = spec;
  const random = new Content(sizes.content);
  const mixture = randomMixture(random, dim, sizes.components, covariance);
  const pastRows = 2 ** sizes.rows;
  const drawn = sizes.beyond < 0 ? Math.max(pastRows + sizes.beyond, 0) : pastRows + sizes.beyond;
  const filled = Math.min(drawn, pastRows);
  const past = new Float32Array(pastSize(dim, pastRows));
  const points = Array.from({ length: pastRows }, (_, row) => {
    const { mean } = mixture.components[random.integer(sizes.components)];
    const reach = random.chance(0.2) ? 3 : 0.3;
    const x = mean.map((entry) => Math.fround(entry + random.normal(reach)));
    past.set([random.chance(0.2) ? unusableValue(random) : random.normal(20), ...x], row * (dim + 1));
    return x;
  });
  const before = new Float32Array(pastRows).map(() => random.normal());
  const control = { ...defaultControl, iteration: 60, components: sizes.components, drawn };
  const params = { ...defaultParams, capacity: sizes.components + 1, add_every: 30, past_rows: pastRows };
  await onBench(device, async (bench) => {
    const run = async (controlChange: Partial<typeof control>, paramsChange: Partial<typeof params>): Promise<Float32Array> => {
      bench.put({
        ms_control: pack(controlLayout, { ...control, ...controlChange }),
        ms_params: pack(paramsLayout, { ...params, ...paramsChange }),
        ms_components: mixture.records,
        ms_factors: mixture.factors,
        ms_past: past,
        ms_past_density: before,
      });
      await bench.dispatch(pastDensityKernel(spec), gridOf(Math.ceil(pastRows / LANES), sizes.gridWidth));
      // A buffer has a least size.
      return (await bench.floats('ms_past_density'))[0].subarray(0, pastRows);
    };
    const got = await run({}, {});
    points.forEach((x, row) => {
      const l = past[row * (dim + 1)];
      if (row >= filled) expectEqual(`row ${row}, not filled`, got[row], before[row]);
      else if (!Number.isFinite(l) || Math.abs(l) >= 1e30) expectEqual(`row ${row}, without a value`, got[row], NO_VALUE);
      else expectNear(`log q of row ${row}`, got[row], logDensity(mixture.components, x), densityBounds(mixture, x).logQ);
    });
    expectSame('not an iteration that adds', await run({ iteration: 61 }, {}), before);
    expectSame('nothing is ever added', await run({}, { add_every: 0 }), before);
    expectSame('no room', await run({}, { capacity: sizes.components }), before);
    expectSame('after the stop', await run({ stop: 1 }, {}), before);
  });
}

function densityCases({ dims, runs }: Effort): Cases {
  return Object.fromEntries(
    dims.flatMap((dim) =>
      (['full', 'diagonal'] as const).map((covariance) => [
        `log q of past samples, ${covariance}, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(device, [pastDensityKernel({ dim, covariance })]);
          const inputs = {
            components: fc.integer({ min: 1, max: dim > WIDE ? 5 : 20 }),
            rows: fc.integer({ min: 1, max: dim > WIDE ? 3 : 8 }),
            beyond: fc.integer({ min: -30, max: 30 }),
            gridWidth: fc.integer({ min: 1, max: 3 }),
            content: fc.nat(),
          };
          const alone = { components: 1, rows: 6, beyond: -64, gridWidth: 2, content: 1 };
          await forAll(Math.ceil(runs / 2) + 1, inputs, [alone], (sizes) => densityProperty(device, { dim, covariance }, sizes));
        },
      ]),
    ),
  );
}

// ---- slots of the store

const slotKernel = compose({
  label: 'past slots',
  constants: { DIM: 1 },
  bindings: [
    { name: 'ms_params', kind: 'uniform', type: 'ms_Params' },
    { name: 'numbers', kind: 'read', type: 'array<u32>' },
    { name: 'slots', kind: 'write', type: 'array<u32>' },
  ],
  modules: [
    shared.state,
    pastModule,
    `@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&numbers)) {
    slots[2u * id.x] = ms_past_slot(numbers[id.x]);
    slots[2u * id.x + 1u] = ms_past_count(numbers[id.x]);
  }
}`,
  ],
});

async function slots(device: GPUDevice): Promise<void> {
  const random = new Content(7);
  const near = [0, 2 ** 16, 2 ** 31, 2 ** 32 - 512].flatMap((from) => Array.from({ length: 512 }, (_, i) => from + i));
  const scattered = Array.from({ length: 512 }, () => (random.word() & ~(2 ** random.integer(30) - 1)) >>> 0);
  const numbers = [...near, ...scattered];
  await onBench(device, async (bench) => {
    for (const R of [1, 2, 4, 64, 65536, 2 ** 31]) {
      bench.put({
        ms_params: pack(paramsLayout, { ...defaultParams, past_rows: R }),
        numbers: Uint32Array.from(numbers),
        slots: 2 * numbers.length,
      });
      await bench.dispatch(slotKernel, Math.ceil(numbers.length / LANES));
      const [bytes] = await bench.bytes('slots');
      const want = numbers.flatMap((i) => [pastSlot(i, R) ?? 0xffffffff, Math.min(i, R)]);
      expectVector(`slots of ${R} rows`, new Uint32Array(bytes), want, 0);
    }
    bench.put({ ms_params: pack(paramsLayout, defaultParams), slots: 2 * numbers.length });
    await bench.dispatch(slotKernel, Math.ceil(numbers.length / LANES));
    const [bytes] = await bench.bytes('slots');
    expectSame(
      'slots of no store',
      new Uint32Array(bytes),
      numbers.flatMap(() => [0xffffffff, 0]),
    );
  });
}

const makeCases = (effort: Effort): Cases => ({ ...adaptCases(effort), ...densityCases(effort), 'slots of past samples': slots });

export const cases: Cases = makeCases(brief);
export const longCases: Cases = makeCases(thorough);
