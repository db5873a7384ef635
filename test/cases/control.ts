/** The control kernel: weights, temperature, counters, stop bits, trace; and that nothing runs once it has stopped. */
import fc from 'fast-check';
import { componentMomentsKernel } from '../../src/kernels/component-moments.ts';
import { type ControlSpec, controlKernel, type TemperatureRule, type Weighing } from '../../src/kernels/control.ts';
import { drawKernel } from '../../src/kernels/draw.ts';
import { logRatioKernel } from '../../src/kernels/log-ratio.ts';
import { momentsKernel } from '../../src/kernels/moments.ts';
import { rankDispatches, rankKernels, rankWords } from '../../src/kernels/rank.ts';
import { rewardKernel } from '../../src/kernels/reward.ts';
import { reweighKernel } from '../../src/kernels/reweigh.ts';
import { sampleKernel } from '../../src/kernels/sample.ts';
import { sharedSampleKernel } from '../../src/kernels/shared-sample.ts';
import { spectrumKernel } from '../../src/kernels/spectrum.ts';
import {
  chunkLayout,
  controlLayout,
  field,
  NO_VALUE,
  pack,
  paramsLayout,
  recordSize,
  TRACE_ROW,
  TRACE_ROWS,
  unpack,
} from '../../src/kernels/state.ts';
import { updateKernel } from '../../src/kernels/update.ts';
import { whitenKernel } from '../../src/kernels/whiten.ts';
import type { Cases } from '../harness/cases.ts';
import { type ComponentState, type ControlOptions, type ControlState, control, pooledSpread } from '../reference/control.ts';
import { sum } from '../reference/matrix.ts';
import { brief, compileAll, type Effort, forAll, onBench, thorough } from './kernel-run.ts';
import { Content, chunkOf, defaultControl, defaultParams, liveCounts, wholeRectangle } from './kernels-content.ts';
import { testObjectiveText } from './kernels-objective.ts';
import { EPSILON, expectEqual, expectNear, expectSame, expectSameBits, logError, powError } from './kernels-tolerance.ts';

function randomComponents(random: Content, count: number, samples: number, barren: boolean, shared: boolean): ComponentState[] {
  const logits = random.vector(count, () => random.normal(3));
  const total = Math.log(sum(logits.map(Math.exp)));
  const common = samples - random.integer(Math.min(samples, 3));
  return logits.map((logit) => {
    const usable = barren ? 0 : shared ? common : random.chance(0.2) ? 0 : samples - random.integer(Math.min(samples, 4));
    return {
      logWeight: Math.fround(logit - total),
      status: random.chance(0.2) ? 1 + random.integer(4) : 0,
      value: random.normal(20),
      variance: random.normal() ** 2 < 0.01 ? 0 : Math.fround(random.normal(3) ** 2),
      effective: random.uniform(0, samples),
      usable,
      best: usable > 0 ? random.normal(20) : NO_VALUE,
      rate: random.uniform(0, 0.5),
      deviation: random.uniform(0.01, 1),
    };
  });
}

function layOut(components: ComponentState[], dim: number): Float32Array<ArrayBuffer> {
  const size = recordSize(dim);
  const records = new Float32Array(components.length * size);
  components.forEach((own, k) => {
    const at = k * size;
    records[at + field.logWeight] = own.logWeight;
    records[at + field.status] = own.status;
    for (const name of ['value', 'variance', 'effective', 'usable', 'best', 'rate', 'deviation'] as const)
      records[at + field[name]] = own[name];
  });
  return records;
}

function randomOptions(random: Content, rule: TemperatureRule, sharedBatch: boolean, components: number, samples: number): ControlOptions {
  const perIteration = sharedBatch ? samples : components * samples;
  return {
    rule,
    temperaturePower: random.uniform(0.5, 1.5),
    temperatureRatio: random.uniform(0.8, 1),
    cooling: random.uniform(0.01, 0.3),
    coolingLimit: random.uniform(0.7, 0.9),
    weightRatio: random.chance(0.3) ? 0 : random.uniform(0, 2),
    weightFloor: random.chance(0.5) ? Math.fround(1e-3) : random.uniform(0.1, 0.5),
    evaluationsPerIteration: perIteration,
    // Reached now, would be passed by the next iteration, or far.
    maxEvaluations: [1000 + perIteration, 1000 + 2 * perIteration, 1000 + 2 * perIteration - 1, 0xffffffff][random.integer(4)],
    maxIterations: [8, 9, 1e6][random.integer(3)],
    finalTemperature: random.chance(0.3) ? random.uniform(0.2, 1.5) : 0,
    temperatureFloor: random.chance(0.3) ? random.uniform(0.2, 1.5) : 0,
    settledDeviation: random.chance(0.3) ? random.uniform(0.01, 1) : 0,
    targetValue: random.chance(0.5) ? random.normal(20) : undefined,
    sharedBatch,
  };
}

/** The bits that the twin decides within rounding of a threshold may differ. */
function undecided(options: ControlOptions, temperature: number): number {
  return Math.abs(temperature - options.finalTemperature) < 1e-4 * temperature ? 4 : 0;
}

async function controlProperty(
  device: GPUDevice,
  spec: ControlSpec,
  sizes: { components: number; samples: number; barren: boolean; content: number },
): Promise<void> {
  const { dim, sharedBatch } = spec;
  const random = new Content(sizes.content);
  const components = randomComponents(random, sizes.components, sizes.samples, sizes.barren, sharedBatch);
  const options = randomOptions(random, spec.temperature, sharedBatch, sizes.components, sizes.samples);
  const state: ControlState = {
    stop: 0,
    iteration: 7,
    round: 100,
    evaluations: 1000,
    temperature: random.uniform(0.2, 2),
    firstTemperature: random.uniform(2, 4),
    spread: 0,
    best: NO_VALUE,
    nonFinite: 5,
    failures: 2,
    traceCount: TRACE_ROWS - 1 + random.integer(3),
    removals: random.integer(4),
  };
  const size = recordSize(dim);
  const records = layOut(components, dim);
  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, {
        ...defaultControl,
        ...liveCounts({ components: sizes.components, samples: sizes.samples, leaves: 1 }),
        iteration: state.iteration,
        round: state.round,
        evaluations: state.evaluations,
        temperature: state.temperature,
        first_temperature: state.firstTemperature,
        non_finite: state.nonFinite,
        failures: state.failures,
        trace_count: state.traceCount,
        removals: state.removals,
      }),
      ms_params: pack(paramsLayout, {
        ...defaultParams,
        components: sizes.components,
        samples: sizes.samples,
        temperature_power: options.temperaturePower,
        temperature_ratio: options.temperatureRatio,
        cooling: options.cooling,
        cooling_limit: options.coolingLimit,
        weight_ratio: options.weightRatio,
        weight_floor: options.weightFloor,
        evaluations_per_iteration: options.evaluationsPerIteration,
        max_evaluations: options.maxEvaluations,
        max_iterations: options.maxIterations,
        final_temperature: options.finalTemperature,
        temperature_floor: options.temperatureFloor,
        settled_deviation: options.settledDeviation,
        target_value: options.targetValue ?? 0,
        has_target: options.targetValue === undefined ? 0 : 1,
      }),
      ms_components: records,
      ms_trace: TRACE_ROWS * TRACE_ROW,
    });
    await bench.dispatch(controlKernel(spec), 1);
    const [block, after, trace] = await bench.floats('ms_control', 'ms_components', 'ms_trace');
    const got = unpack(controlLayout, block.buffer);
    const want = control(components, state, options);

    // Counters are exact.
    for (const [name, value] of [
      ['iteration', want.state.iteration],
      ['round', want.state.round],
      ['evaluations', want.state.evaluations],
      ['non_finite', want.state.nonFinite],
      ['failures', want.state.failures],
      ['trace_count', want.state.traceCount],
      ['best', want.state.best],
      ['first_temperature', state.firstTemperature],
    ] as const) {
      expectEqual(name, got[name], value);
    }
    const loose = undecided(options, want.state.temperature);
    expectEqual('stop bits', got.stop & ~loose, want.state.stop & ~loose);

    // Means of K numbers; a root; a power or a few divisions.
    const unit = (sizes.components + 12) * EPSILON;
    const spread = pooledSpread(components);
    expectNear('spread', got.spread, spread, unit * spread);
    const power = powError(state.iteration + 2, options.temperaturePower);
    expectNear('temperature', got.temperature, want.state.temperature, (power + unit + 12 * EPSILON) * want.state.temperature);

    // A weight: the change, then twice a log-sum-exp over K.
    const valued = components.filter((own) => own.usable > 0);
    const pooled = sum(valued.map((own) => Math.abs(own.value))) / Math.max(valued.length, 1);
    components.forEach((own, k) => {
      const change = options.weightRatio > 0 ? options.weightRatio * own.rate * (unit * pooled + 4 * EPSILON * Math.abs(own.value)) : 0;
      const everyChange = options.weightRatio * 0.5 * (unit * pooled + 80 * 4 * EPSILON);
      const logs = 2 * (8 * sizes.components * EPSILON + logError(Math.log(sizes.components))) + 8 * EPSILON * Math.abs(want.logWeights[k]);
      const allowed =
        options.weightRatio > 0 ? change + everyChange + logs + logError(Math.log(options.weightFloor / sizes.components)) : 0;
      expectNear(`log weight ${k}`, after[k * size + field.logWeight], want.logWeights[k], allowed);
    });
    for (let i = 0; i < after.length; i++) {
      if (i % size !== field.logWeight)
        expectEqual(`record entry ${i}`, new Uint32Array(after.buffer)[i], new Uint32Array(records.buffer)[i]);
    }

    const row = trace.subarray((state.traceCount % TRACE_ROWS) * TRACE_ROW, (state.traceCount % TRACE_ROWS) * TRACE_ROW + TRACE_ROW);
    const means = [pooled, 0.5, sizes.samples];
    want.traceRow.forEach((entry, i) => {
      const magnitude = i >= 4 && i <= 6 ? means[i - 4] : Math.abs(entry);
      expectNear(`trace ${i}`, row[i], entry, unit * magnitude);
    });
    const others =
      trace.reduce((count, entry) => count + (entry !== 0 ? 1 : 0), 0) - row.reduce((count, entry) => count + (entry !== 0 ? 1 : 0), 0);
    expectEqual('trace entries elsewhere', others, 0);

    // Stopped: the kernel keeps its hands off.
    const stopped = pack(controlLayout, { ...got, stop: 32 });
    bench.put({ ms_control: stopped });
    await bench.dispatch(controlKernel(spec), 1);
    const [kept, recordsAfter] = await bench.bytes('ms_control', 'ms_components');
    expectSameBits('control after the stop', kept, stopped.buffer);
    expectSameBits('components after the stop', recordsAfter, after.buffer);
  });
}

function makeCases({ runs }: Effort): Cases {
  return Object.fromEntries(
    (['adaptive', 'power', 'geometric'] as const).map((temperature) => [
      `control, ${temperature}`,
      async (device: GPUDevice) => {
        const specs = [false, true].flatMap((sharedBatch) =>
          [1, 100].map(
            (components): ControlSpec => ({
              dim: components === 1 ? 1 : 3,
              temperature,
              sharedBatch,
              components,
              weighing: { kind: 'rate' },
            }),
          ),
        );
        await compileAll(device, specs.map(controlKernel));
        for (const spec of specs) {
          const inputs = {
            components: fc.integer({ min: 1, max: spec.components === 1 ? 40 : 300 }),
            samples: fc.integer({ min: 1, max: 5000 }),
            barren: fc.constant(false as boolean),
            content: fc.nat(),
          };
          const examples = [
            { components: 1, samples: 8, barren: false, content: 1 },
            { components: 5, samples: 8, barren: true, content: 2 },
          ];
          await forAll(runs + 2, inputs, examples, (sizes) => controlProperty(device, spec, sizes));
        }
      },
    ]),
  );
}

/** Every kernel of the loop: with the stop flag up, it leaves all buffers as they were. */
async function nothingRuns(device: GPUDevice): Promise<void> {
  const dim = 2;
  const common = { dim, covariance: 'full', boundary: 'none' } as const;
  const objective = testObjectiveText(dim, 1);
  const weighing: Weighing = { kind: 'reward', rule: 'trust', selfNormalised: true, size: 'improvement', componentSize: 'improvement' };
  const kernels = [
    sampleKernel({ ...common, derivatives: 'gradient', objective }),
    sharedSampleKernel({ ...common, derivatives: 'gradient', proposal: 'flat', objective }),
    drawKernel(common),
    logRatioKernel({ dim, covariance: 'full', derivatives: 'gradient', proposal: 'flat' }),
    logRatioKernel({ dim, covariance: 'full', derivatives: 'value', proposal: 'flat', again: true, remember: true }),
    rewardKernel({ dim, reuseFor: 'component' }),
    reweighKernel({ dim, covariance: 'full', derivatives: 'gradient' }),
    momentsKernel({ dim, covariance: 'full', estimator: 'stein', sharedBatch: true, leafSize: 64 }),
    componentMomentsKernel({ dim, estimator: 'stein' }),
    ...Object.values(rankKernels({ dim, count: 64 })),
    updateKernel({ dim, covariance: 'full', step: 'iblr', meanBy: 'new', divisor: 'count', leaves: 1 }),
    whitenKernel({ dim, samples: 64 }),
    spectrumKernel({ dim, covariance: 'full', step: 'exponential', meanBy: 'old', size: 'spectral', divisor: 'count', leaves: 1 }),
    controlKernel({ dim, temperature: 'adaptive', sharedBatch: false, components: 1, weighing: { kind: 'rate' } }),
    controlKernel({ dim, temperature: 'adaptive', sharedBatch: true, components: 1, weighing }),
  ];
  const random = new Content(1);
  const content = Object.fromEntries(
    kernels
      .flatMap((kernel) => kernel.bindings)
      .filter(({ kind }) => kind !== 'uniform')
      .map(({ name }) => [name, Float32Array.from(random.vector(rankWords(1, 1)))]),
  );
  await compileAll(device, kernels);
  await onBench(device, async (bench) => {
    for (const kernel of kernels) {
      const written = kernel.bindings.filter(({ kind, name }) => kind === 'write' && name !== 'ms_control').map(({ name }) => name);
      bench.put({
        ...content,
        ms_control: pack(controlLayout, { ...defaultControl, ...liveCounts({ components: 1, samples: 64, leaves: 1 }), stop: 16 }),
        ms_params: pack(paramsLayout, { ...defaultParams, samples: 64, past_rows: 64 }),
        ms_chunk: pack(chunkLayout, chunkOf(wholeRectangle(1, 1), 64, 1).values),
        ms_step: rankDispatches(1, 64)[0].step,
        ms_box: new Float32Array(4 * dim),
      });
      await bench.dispatch(kernel, 1);
      const after = await bench.floats(...written);
      for (const [i, name] of written.entries()) expectSame(`${name} of ${kernel.label}`, after[i], content[name]);
    }
  });
}

export const cases: Cases = { ...makeCases(brief), 'nothing runs after the stop': nothingRuns };
export const longCases = makeCases(thorough);
