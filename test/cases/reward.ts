/**
 * Methods that weigh by rewards: what the rows say of each component (the reward kernel), and the weights and step sizes that the control
 * kernel makes of it, over several iterations.
 */
import fc from 'fast-check';
import { type ControlSpec, controlKernel, type SizeRule } from '../../src/kernels/control.ts';
import { type RewardSpec, rewardKernel } from '../../src/kernels/reward.ts';
import {
  chunkLayout,
  controlLayout,
  field,
  NO_VALUE,
  pack,
  paramsLayout,
  REWARD_PART,
  recordSize,
  TRACE_ROW,
  TRACE_ROWS,
  unpack,
} from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { sum, type Vector } from '../reference/matrix.ts';
import { logDensity } from '../reference/mixture.ts';
import { leafRanges } from '../reference/moments.ts';
import {
  adapted,
  averageOf,
  decayed,
  divergence,
  elboOf,
  expectation,
  LEAST_LOG_WEIGHT,
  type RewardRow,
  reusableRows,
  rewardSums,
  type SizeOptions,
  weighed,
} from '../reference/reward.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import { Content, chunkOf, defaultControl, defaultParams, wholeRectangle } from './kernels-content.ts';
import { DIVISION, EPSILON, expError, expectEqual, expectNear, expectSameBits, logError, powError } from './kernels-tolerance.ts';
import { position, reusedRows, setUp } from './shared.ts';

// ---- the reward kernel

interface Sizes {
  components: number;
  count: number;
  leaves: number;
  /** Rows a component that may be reused. */
  reuse: number;
  content: number;
}

async function rewardProperty(device: GPUDevice, spec: RewardSpec, sizes: Sizes): Promise<void> {
  const { dim } = spec;
  const { components, reuse } = sizes;
  const setup = setUp(sizes.content, { dim, components, fresh: sizes.count, ring: true }, 'full', 'component');
  const { mixture, rows, temperature, random } = setup;
  const count = rows.reused + rows.fresh;
  const leaves = Math.min(sizes.leaves, count);
  const { values: chunk } = chunkOf(wholeRectangle(1, 1), rows.capacity, 1, { slack: random.integer(3) });
  const room = chunk.batch_stride;
  const { values, points } = reusedRows(setup, room, count);
  const weights = new Float32Array(components * room).fill(1e9);
  for (let row = 0; row < count; row++) {
    const place = position(rows, row);
    const l = values[4 * place];
    const at = Array.from({ length: dim }, (_, i) => points[i * room + place]);
    values[4 * place + 1] = l === NO_VALUE ? NO_VALUE : l - temperature * (logDensity(mixture.components, at) + random.normal(0.1));
    for (let k = 0; k < components; k++) weights[k * room + row] = random.chance(0.3) ? 0 : Math.exp(random.normal(3));
  }
  const kept = leaves + random.integer(2);
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, {
        ...defaultControl,
        temperature,
        components,
        rows: count,
        leaves,
        fresh: rows.fresh,
        first_row: rows.first,
      }),
      ms_params: pack(paramsLayout, { ...defaultParams, components, samples: count, leaves: kept, row_capacity: rows.capacity, reuse }),
      ms_chunk: pack(chunkLayout, chunk),
      ms_values: values,
      ms_weights: weights,
      ms_rewards: components * kept * REWARD_PART,
    });
    await bench.dispatch(rewardKernel(spec), { x: 3, y: Math.ceil((components * leaves) / 3) + 1 });
    const [got] = await bench.floats('ms_rewards');
    for (let k = 0; k < components; k++) {
      const seen = Array.from({ length: count }, (_, row) => {
        const [value, f, logProposal] = values.subarray(4 * position(rows, row));
        const weight = weights[k * room + row];
        const l = value === NO_VALUE ? undefined : value;
        const known = { reuse: l === undefined ? 0 : weight, reuseError: 0 };
        const reusedAs = spec.reuseFor === 'component' ? known : forMixture(l, f, logProposal, temperature);
        const own: RewardRow = { l, f, weight, reuse: 0, fresh: row >= rows.reused, reusable: row >= count - reuse * components };
        return { ...own, ...reusedAs };
      });
      leafRanges(count, leaves).forEach(({ first, count: size }, leaf) => {
        const own = seen.slice(first, first + size);
        const part = got.subarray((k * kept + leaf) * REWARD_PART);
        const usable = own.filter(({ l }) => l !== undefined);
        const again = own.filter(({ reusable }) => reusable);
        const unit = (size + 12) * EPSILON;
        const allowed = [
          sum(usable.map((row) => unit * row.weight)),
          sum(usable.map((row) => unit * row.weight ** 2)),
          sum(usable.map((row) => unit * row.weight * Math.abs(row.f))),
          0,
          sum(again.map((row) => row.reuseError + unit * row.reuse)),
          sum(again.map((row) => 3 * row.reuseError * row.reuse + unit * row.reuse ** 2)),
        ];
        rewardSums(own).forEach((want, i) => {
          expectNear(`sum ${i} of leaf ${leaf} of component ${k}`, part[i], want, allowed[i]);
        });
      });
      for (let i = leaves * REWARD_PART; i < kept * REWARD_PART; i++)
        expectEqual('a leaf that is not there', got[k * kept * REWARD_PART + i], 0);
    }
  });
}

/** q(x) / proposal(x) from f, and how far it may be off. */
function forMixture(l: number | undefined, f: number, logProposal: number, temperature: number): { reuse: number; reuseError: number } {
  if (l === undefined) return { reuse: 0, reuseError: 0 };
  const logQ = (l - f) / temperature;
  const exponent = Math.min(Math.max(logQ - logProposal, -87), 40);
  const error = (EPSILON + DIVISION) * Math.abs(logQ) + EPSILON * Math.abs(logQ - logProposal);
  const reuse = Math.exp(exponent);
  return { reuse, reuseError: reuse * (Math.expm1(error) + expError(exponent)) };
}

function rewardCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      const wide = dim > WIDE;
      const all = (['component', 'mixture'] as const).map((reuseFor): RewardSpec => ({ dim, reuseFor }));
      const specs = every ? all : [all[turn++ % 2]];
      return [
        `rewards, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(device, specs.map(rewardKernel));
          const inputs = {
            components: fc.integer({ min: 1, max: wide ? 3 : 7 }),
            count: fc.integer({ min: 1, max: wide ? 20 : 120 }),
            leaves: fc.integer({ min: 1, max: 5 }),
            reuse: fc.integer({ min: 0, max: wide ? 20 : 60 }),
            content: fc.nat(),
          };
          const alone = { components: 1, count: wide ? 9 : 133, leaves: 3, reuse: 1000, content: 3 };
          const none = { components: 3, count: 9, leaves: 2, reuse: 0, content: 4 };
          for (const spec of specs) {
            await forAll(Math.ceil(runs / 2) + 2, inputs, [alone, none], (values) => rewardProperty(device, spec, values));
          }
        },
      ];
    }),
  );
}

// ---- the weighing

type RewardWeighing = Extract<ControlSpec['weighing'], { kind: 'reward' }>;

interface Options {
  temperature: number;
  temperatureRatio: number;
  weightSize: SizeOptions;
  componentSize: SizeOptions;
  rows: number;
  fresh: number;
  leaves: number;
}

function randomOptions(random: Content, weighing: RewardWeighing): Options {
  const size = (rule: SizeRule, first: number): SizeOptions => ({
    rule,
    first,
    least: Math.fround(first * 0.8),
    most: Math.fround(first * 1.2),
    power: [0, Math.fround(0.55), 1][random.integer(3)],
  });
  const bound = weighing.rule === 'trust' ? Math.fround(10 ** random.uniform(-3, 1)) : random.chance(0.4) ? 1 : random.uniform(0.05, 1);
  return {
    temperature: random.chance(0.2) ? 1 : Math.fround(10 ** random.uniform(-1.5, 0.5)),
    temperatureRatio: random.uniform(0.7, 1),
    weightSize: size(weighing.size, bound),
    componentSize: size(weighing.componentSize, random.uniform(0.1, 1)),
    rows: 1 + random.integer(5000),
    fresh: 1,
    leaves: 1 + random.integer(4),
  };
}

/** Leaves of every component: [k][leaf]. */
function randomLeaves(random: Content, count: number, options: Options, logShares: Vector, spread: number, common: number): Vector[][] {
  const { rows, leaves } = options;
  return Array.from({ length: count }, (_, k) => {
    const barren = random.chance(0.15);
    const value = common + random.normal(spread);
    return Array.from({ length: leaves }, () => {
      const weight = barren || random.chance(0.1) ? 0 : (rows / leaves) * Math.exp(logShares[k]) * random.uniform(0.5, 1.5);
      const reuse = random.chance(0.3) ? 0 : random.uniform(0, 20);
      const f = value + random.normal(0.1 * spread);
      return [weight, weight ** 2, weight * f, random.integer(3), reuse, (reuse ** 2 / 5) * random.uniform(1, 2)].map(Math.fround);
    });
  });
}

interface Seen {
  logWeight: Vector;
  value: Vector;
  reward: Vector;
  pastReward: Vector;
  step: Vector;
  reusable: Vector;
}

function columns(records: Float32Array, dim: number, count: number): Seen {
  const size = recordSize(dim);
  const column = (name: keyof typeof field): Vector => Array.from({ length: count }, (_, k) => records[k * size + field[name]]);
  return {
    logWeight: column('logWeight'),
    value: column('value'),
    reward: column('reward'),
    pastReward: column('pastReward'),
    step: column('step'),
    reusable: column('reusable'),
  };
}

async function weighProperty(device: GPUDevice, spec: ControlSpec, sizes: { components: number; content: number }): Promise<void> {
  const { dim } = spec;
  const weighing = spec.weighing as RewardWeighing;
  const { components } = sizes;
  const random = new Content(sizes.content);
  const options = randomOptions(random, weighing);
  options.fresh = 1 + random.integer(options.rows);
  const size = recordSize(dim);
  const logits = random.vector(components, () => (random.chance(0.2) ? -69.07 : random.normal(2)));
  logits[random.integer(components)] = 0;
  const total = Math.log(sum(logits.map(Math.exp)));
  const logShares = random.vector(components, () => random.uniform(-9, 0));
  const updates = random.vector(components, () => random.integer(4));
  let records = new Float32Array(components * size);
  for (let k = 0; k < components; k++) {
    const record = records.subarray(k * size, (k + 1) * size);
    record[field.logWeight] = components === 1 ? 0 : logits[k] - total;
    record[field.logShare] = logShares[k];
    record[field.usable] = options.rows;
    record[field.step] = options.componentSize.first;
    record[field.reward] = NO_VALUE;
    record[field.pastReward] = NO_VALUE;
    record[field.updates] = updates[k];
  }
  let control = {
    ...defaultControl,
    components,
    rows: options.rows,
    leaves: options.leaves,
    fresh: options.fresh,
    temperature: options.temperature,
    weight_step: options.weightSize.first,
  };
  const { weightSize, componentSize } = options;
  const spread = 10 ** random.uniform(-2, 2.5);
  const common = random.chance(0.3) ? random.normal(1000) : 0;
  const kept = options.leaves + 1;
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, control),
      ms_params: pack(paramsLayout, {
        ...defaultParams,
        components,
        samples: options.rows,
        leaves: kept,
        temperature_ratio: options.temperatureRatio,
        step_first: componentSize.first,
        step_least: componentSize.least,
        step_most: componentSize.most,
        step_power: componentSize.power,
        weight_step_first: weightSize.first,
        weight_step_least: weightSize.least,
        weight_step_most: weightSize.most,
        weight_step_power: weightSize.power,
      }),
      ms_components: records,
      ms_trace: TRACE_ROWS * TRACE_ROW,
    });
    for (let iteration = 0; iteration < 4; iteration++) {
      const where = `iteration ${iteration}`;
      const leaves = randomLeaves(random, components, options, logShares, spread, common);
      const rewards = new Float32Array(components * kept * REWARD_PART).fill(1e9);
      leaves.forEach((own, k) => {
        own.forEach((leaf, i) => {
          rewards.set(leaf, (k * kept + i) * REWARD_PART);
        });
      });
      bench.put({ ms_rewards: rewards });
      await bench.dispatch(controlKernel(spec), 1);
      const [block, after, trace] = await bench.floats('ms_control', 'ms_components', 'ms_trace');
      const got = unpack(controlLayout, block.buffer);
      const from = columns(records, dim, components);
      const to = columns(after, dim, components);

      expectEqual(`stop after ${where}`, got.stop, 0);
      expectEqual(`rows drawn after ${where}`, got.drawn, control.drawn + options.fresh);
      expectEqual(`evaluations after ${where}`, got.evaluations, control.evaluations + options.fresh);
      const rotten = sum(leaves[0].map((leaf) => leaf[3]));
      expectEqual(`non-finite after ${where}`, got.non_finite, control.non_finite + rotten);

      const weightStep = checkWeightStep(weighing, weightSize, control, got, from, where);
      const average = checkValues(weighing, options, componentSize, control.temperature, leaves, logShares, updates, from, to, where);
      expectNear(`value in the trace of ${where}`, trace[iteration * TRACE_ROW + 4], average.at, average.error);
      checkWeights(weighing, control.temperature, weightStep, from.logWeight, to, leaves, where);

      // Nothing else has changed.
      const written = [field.logWeight, field.value, field.reward, field.pastReward, field.step, field.reusable] as number[];
      for (let i = 0; i < after.length; i++) {
        if (!written.includes(i % size)) expectEqual(`record entry ${i} after ${where}`, after[i], records[i]);
      }
      records = after;
      control = got;
    }
    // The same from the same.
    const again = async () => {
      bench.put({ ms_control: pack(controlLayout, control), ms_components: records });
      await bench.dispatch(controlKernel(spec), 1);
      return (await bench.bytes('ms_components'))[0];
    };
    expectSameBits('weights again', await again(), await again());
  });
}

type Control = typeof defaultControl;

/** The weights' step size of this iteration, by the device's own ELBO; and that ELBO. */
function checkWeightStep(
  { size }: RewardWeighing,
  options: SizeOptions,
  before: Control,
  after: Control,
  from: Seen,
  where: string,
): { at: number; error: number } {
  if (size === 'fixed') return { at: options.first, error: 0 };
  if (size === 'decaying') {
    const step = decayed(options, before.iteration);
    return { at: step, error: step * (powError(Math.max(before.iteration, 1), options.power) + 4 * EPSILON) };
  }
  const { temperature } = before;
  const rewards = from.reward.map((reward) => (reward === NO_VALUE ? undefined : reward));
  const elbo = elboOf(from.logWeight, rewards, temperature);
  const terms = from.logWeight.map((w, k) => {
    const held = Math.abs(rewards[k] ?? 0) + temperature * Math.abs(w);
    return rewards[k] === undefined ? 0 : Math.exp(w) * held * (expError(w) + (from.logWeight.length + 8) * EPSILON);
  });
  expectNear(`ELBO of ${where}`, after.elbo, elbo, sum(terms));
  const better = before.iteration === 1 || (before.iteration > 1 && after.elbo > before.elbo);
  const step = adapted(options, before.weight_step, better);
  expectNear(`weight step of ${where}`, after.weight_step, step, 3 * EPSILON * step);
  return { at: after.weight_step, error: 0 };
}

/** E_k[f], rewards, step sizes and reusable rows of all components; returns the mean of E_k[f] under the weights. */
function checkValues(
  weighing: RewardWeighing,
  options: Options,
  size: SizeOptions,
  temperature: number,
  leaves: Vector[][],
  logShares: Vector,
  updates: Vector,
  from: Seen,
  to: Seen,
  where: string,
): { at: number; error: number } {
  const unit = (options.leaves + 8) * EPSILON;
  const values = leaves.map((own, k) => expectation(own, weighing.selfNormalised ? undefined : options.rows * Math.exp(logShares[k])));
  const average = values.some((value) => value !== undefined) ? averageOf(from.logWeight, values) : 0;
  const weights = from.logWeight.map((w, k) => (values[k] === undefined ? 0 : Math.exp(w)));
  // A value is off by its own roundings, a mean of them by theirs and those of the weights.
  const held = leaves.map((own, k) => {
    const divisor = weighing.selfNormalised ? sum(own.map((leaf) => leaf[0])) : options.rows * Math.exp(logShares[k]);
    const share = weighing.selfNormalised ? 0 : expError(logShares[k]);
    return values[k] === undefined ? 0 : ((unit + share) * sum(own.map((leaf) => Math.abs(leaf[2])))) / divisor;
  });
  const rounding = weights.map(
    (weight, k) => weight * (held[k] + Math.abs(values[k] ?? 0) * (2 * expError(from.logWeight[k]) + 400 * EPSILON)),
  );
  const error = sum(rounding) / Math.max(sum(weights), 1e-30);

  values.forEach((value, k) => {
    const which = `component ${k} in ${where}`;
    const reusable = reusableRows(leaves[k]);
    expectNear(`reusable rows of ${which}`, to.reusable[k], reusable, 3 * unit * reusable);
    if (size.rule === 'decaying') {
      const step = decayed(size, updates[k]);
      expectNear(`step size of ${which}`, to.step[k], step, step * (powError(Math.max(updates[k], 1), size.power) + 4 * EPSILON));
    } else if (size.rule === 'fixed' || value === undefined) expectEqual(`step size of ${which}`, to.step[k], from.step[k]);
    if (value === undefined) {
      // No row says anything of it: it counts as average, as long as there is one.
      const assumed = temperature * from.logWeight[k] + average;
      const rounded = error + 4 * EPSILON * (temperature * Math.abs(from.logWeight[k]) + Math.abs(average));
      if (values.every((other) => other === undefined)) expectEqual(`reward of ${which}`, to.reward[k], from.reward[k]);
      else if (sum(weights) > 0) expectNear(`reward of ${which}, which has none`, to.reward[k], assumed, rounded);
      expectEqual(`past reward of ${which}`, to.pastReward[k], from.pastReward[k]);
      if (sum(weights) > 0) expectNear(`value of ${which}, which has none`, to.value[k], average, error);
      return;
    }
    expectNear(`value of ${which}`, to.value[k], value, held[k]);
    const reward = temperature * from.logWeight[k] + value;
    expectNear(
      `reward of ${which}`,
      to.reward[k],
      reward,
      held[k] + 2 * EPSILON * (temperature * Math.abs(from.logWeight[k]) + Math.abs(value)),
    );
    expectEqual(`past reward of ${which}`, to.pastReward[k], from.reward[k]);
    if (size.rule === 'improvement') {
      const worse = from.reward[k] !== NO_VALUE && from.reward[k] >= to.reward[k];
      const step = adapted(size, from.step[k], !worse);
      expectNear(`step size of ${which}`, to.step[k], step, 3 * EPSILON * step);
    }
  });
  return { at: average, error };
}

/** The weights against the twin, by the device's own values. */
function checkWeights(
  weighing: RewardWeighing,
  temperature: number,
  weightStep: { at: number; error: number },
  before: Vector,
  { logWeight: after, value }: Seen,
  leaves: Vector[][],
  where: string,
): void {
  const count = before.length;
  if (count === 1) {
    expectEqual(`the weight of ${where}`, after[0], before[0]);
    return;
  }
  const largest = Math.max(...value);
  const logs = logError(Math.log(count)) + 8 * count * EPSILON;
  expectNear(`sum of weights of ${where}`, sum(after.map(Math.exp)), 1, 2 * logs + EPSILON);
  after.forEach((w, k) => {
    if (!(w >= LEAST_LOG_WEIGHT - 1e-4)) throw new Error(`log weight ${k} of ${where} is ${w}, below the floor`);
  });
  if (leaves.every((own) => own.every((leaf) => leaf[0] === 0))) return;

  const full = weighing.rule === 'direct' ? weightStep.at / temperature : 1 / temperature;
  const compare = (scale: number, relative: number): void => {
    const want = weighed(before, value, scale);
    const change = value.map(
      (v) => scale * (largest - v) * (12 * EPSILON + relative) + scale * EPSILON * (Math.abs(v) + Math.abs(largest)),
    );
    const common = sum(want.map((w, k) => Math.exp(w) * change[k]));
    // Log of the sum: of numbers down to e^-70.
    const sums = 3 * EPSILON * Math.abs(Math.max(...before.map((w, k) => w + scale * (value[k] - largest)))) + 4 * 2 ** -21;
    want.forEach((w, k) => {
      const allowed =
        change[k] + common + sums + 2 * logs + 6 * EPSILON * (Math.abs(w) + Math.abs(before[k]) + scale * (largest - value[k]));
      expectNear(`log weight ${k} of ${where}`, after[k], w, allowed);
    });
  };
  if (weighing.rule === 'direct') {
    compare(full, weightStep.error / weightStep.at);
    return;
  }
  // Trust: the full step if it may be taken; else KL is at its bound, and all weights have gone equally far.
  const wanted = divergence(weighed(before, value, full), before);
  const slack = 1e-3 * weightStep.at + 2e-6;
  if (wanted <= weightStep.at - slack) {
    compare(full, 0);
    return;
  }
  const taken = divergence(after, before);
  if (taken > weightStep.at + slack) throw new Error(`KL in ${where} is ${taken}, bound ${weightStep.at}`);
  if (taken < weightStep.at - slack && wanted > weightStep.at + slack)
    throw new Error(`KL in ${where} is only ${taken}, bound ${weightStep.at}`);
  const above = after.map((_, k) => k).filter((k) => after[k] > LEAST_LOG_WEIGHT + 1 && before[k] > LEAST_LOG_WEIGHT);
  const best = above.reduce((a, k) => (value[k] > value[a] ? k : a), above[0]);
  const worst = above.reduce((a, k) => (value[k] < value[a] ? k : a), above[0]);
  if (value[best] === value[worst]) return;
  const moved = (k: number): number => after[k] - before[k];
  const slope = (moved(best) - moved(worst)) / (value[best] - value[worst]);
  for (const k of above) {
    const want = moved(best) + slope * (value[k] - value[best]);
    const size = Math.abs(after[k]) + Math.abs(before[k]) + 150 + slope * (Math.abs(value[k]) + Math.abs(value[best]));
    expectNear(`move of log weight ${k} of ${where}`, moved(k), want, 12 * EPSILON * size);
  }
}

const sizeRules: SizeRule[] = ['fixed', 'decaying', 'improvement'];

function weighCases(runs: number, every: boolean): Cases {
  const specs = (rule: 'direct' | 'trust'): ControlSpec[] =>
    sizeRules.flatMap((size, i) =>
      sizeRules.flatMap((componentSize, j) =>
        [false, true].flatMap((selfNormalised, n) =>
          [7, 100]
            .filter((_, m) => every || (j === (i + (rule === 'trust' ? 1 : 0)) % 3 && (i + n) % 2 === m))
            .map(
              (components): ControlSpec => ({
                dim: 2,
                temperature: 'geometric',
                sharedBatch: true,
                allotted: true,
                components,
                weighing: { kind: 'reward', rule, selfNormalised, size, componentSize },
              }),
            ),
        ),
      ),
    );
  return Object.fromEntries(
    (['direct', 'trust'] as const).map((rule) => [
      `weights by rewards, ${rule}`,
      async (device: GPUDevice) => {
        await compileAll(device, specs(rule).map(controlKernel));
        for (const spec of specs(rule)) {
          // Live components may be fewer than the kernel is made for, or (lanes being what they are) more.
          const inputs = { components: fc.constantFrom<number>(1, 2, 7, 100), content: fc.nat() };
          const examples = [1, 2, 7, 100].map((components) => ({ components, content: components }));
          await forAll(runs + 4, inputs, examples, (values) => weighProperty(device, spec, values));
        }
      },
    ]),
  );
}

export const cases: Cases = { ...rewardCases({ ...brief, dims: [1, 2, 7, 17, 40] }), ...weighCases(2, false) };
export const longCases: Cases = { ...rewardCases(thorough), ...weighCases(40, true) };
