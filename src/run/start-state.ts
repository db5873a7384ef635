/**
 * What a start writes: the parameters, the control block, and the first mixture, as the kernels lay them out.
 */
import { utilityConstants } from '../estimator/utilities.ts';
import {
  bestPointOffset,
  type ControlValues,
  controlLayout,
  field,
  NO_VALUE,
  pack,
  pairs,
  paramsLayout,
  recordSize,
  stopBit,
} from '../kernels/state.ts';
import { seedKey } from '../mixture/random.ts';
import type { Start } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import { COOLING_LIMIT, temperatureConstants } from '../schedule/temperature.ts';
import { rateConstants } from '../step/step.ts';
import type { Method } from './method.ts';

/** What a start fixes beyond the mixture. */
export interface StartOptions {
  start: Start;
  firstTemperature: number;
  /** Iterations already made with this seed, so that random numbers go on. */
  round?: number;
  maxIterations?: number | undefined;
  maxEvaluations?: number | undefined;
  /** In place of the method's own, for the adaptive schedule. */
  cooling?: number | undefined;
  /** In the direction of maximisation. */
  targetValue?: number | undefined;
  /** Stop when all rms deviations (search coordinates) are below. */
  settledDeviation?: number | undefined;
  /** Marginal standard deviations are held below this (search coordinates); 0 for none. */
  deviationCap?: number | undefined;
}

/** Smallest marginal standard deviation (search coordinates): float32 places points no finer. */
const DEVIATION_FLOOR = 1e-6;

export const zeroControl: ControlValues = Object.fromEntries(
  Object.keys(controlLayout).map((name) => [name, 0]),
) as unknown as ControlValues;

/** The shape of a run, as far as a start depends on it. */
interface RunShape {
  readonly dim: number;
  readonly components: number;
  readonly seed: number;
  readonly method: Method;
  readonly plan: SamplePlan;
  readonly objective: Objective;
}

export function startState(run: RunShape, options: StartOptions) {
  const { dim, components, method, plan } = run;
  const { start, firstTemperature } = options;
  const entries = pairs(dim, method.covariance);
  const record = recordSize(dim);
  const rows = new Float32Array(components * record);
  const factors = new Float32Array(2 * entries * components);
  for (let k = 0; k < components; k++) {
    const at = k * record;
    rows[at + field.logWeight] = start.logWeights?.[k] ?? -Math.log(components);
    rows[at + field.stepFactor] = 1;
    rows[at + field.best] = NO_VALUE;
    for (let i = 0; i < dim; i++) {
      const mean = start.means[k * dim + i]!;
      rows[at + field.mean + i] = mean;
      rows[at + bestPointOffset(dim) + i] = mean;
    }
    if (start.deviations) {
      let logNorm = -0.5 * dim * Math.log(2 * Math.PI);
      let trace = 0;
      for (let i = 0; i < dim; i++) {
        const deviation = start.deviations[k * dim + i]!;
        const entry = method.covariance === 'full' ? (i * (i + 1)) / 2 + i : i;
        factors[2 * entries * k + entry] = deviation;
        factors[2 * entries * k + entries + entry] = 1 / deviation;
        logNorm -= Math.log(deviation);
        trace += deviation * deviation;
      }
      rows[at + field.logNorm] = logNorm;
      rows[at + field.deviation] = Math.sqrt(trace / dim);
    }
  }
  const schedule = temperatureConstants(method.temperature, firstTemperature);
  const rate = rateConstants(method.step.size, firstTemperature);
  const utility = utilityConstants(method.utilities, plan.samples);
  // `bounded` maps all of R^d into the box.
  const bounded = run.objective.boundary !== 'none' && run.objective.boundary !== 'bounded';
  const unlimited = 0xffffffff;
  const params = pack(paramsLayout, {
    seed: seedKey(run.seed),
    components,
    samples: plan.samples,
    leaves: plan.leaves,
    evaluations_per_iteration: plan.evaluations,
    max_evaluations: Math.min(options.maxEvaluations ?? unlimited, unlimited),
    max_iterations: Math.min(options.maxIterations ?? unlimited, unlimited),
    draw_scale: 1,
    deviation_cap: options.deviationCap ?? (bounded ? 2 / 3 : 0),
    deviation_floor: DEVIATION_FLOOR,
    mean_cap: bounded ? 1 : 0,
    rate: rate.rate,
    rate_power: rate.ratePower,
    rate_limit: rate.rateLimit,
    mean_ratio: 1,
    weight_ratio: method.weights.ratio,
    weight_floor: method.weights.floor,
    trust: method.step.trust,
    burn: method.step.burn,
    temperature_power: schedule.power,
    temperature_ratio: schedule.ratio,
    cooling: options.cooling ?? schedule.cooling,
    cooling_limit: COOLING_LIMIT,
    final_temperature: schedule.final,
    temperature_floor: schedule.floor,
    settled_deviation: options.settledDeviation ?? 0,
    target_value: options.targetValue ?? 0,
    has_target: options.targetValue === undefined ? 0 : 1,
    utility_offset: utility.offset,
    utility_scale: utility.scale,
    utility_shift: utility.shift,
    effective_minimum: method.sampling === 'own' ? 0 : dim + 1,
    spare: 0,
  });
  const control = pack(controlLayout, {
    ...zeroControl,
    round: options.round ?? 0,
    temperature: firstTemperature,
    first_temperature: firstTemperature,
    best: NO_VALUE,
    // An iteration that would pass the budget is not started, not even the first.
    stop: (options.maxEvaluations ?? unlimited) < plan.evaluations ? stopBit.evaluations : 0,
  });
  return { params, rows, factors, control };
}
