/**
 * What a start writes: the parameters, the control block, and the first mixture, as the kernels lay them out.
 */
import { utilityConstants } from '../estimator/utilities.ts';
import { controlLayout, field, NO_VALUE, pack, paramsLayout, recordSize, stopBit, zeroControl } from '../kernels/state.ts';
import { seedKey } from '../mixture/random.ts';
import type { Start } from '../mixture/start.ts';
import type { Objective } from '../objective/objective.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import { firstAllotment } from '../schedule/allotment.ts';
import { COOLING_LIMIT, temperatureConstants } from '../schedule/temperature.ts';
import { decayConstants, firstSize, LEAST_ETA, rateConstants } from '../step/step.ts';
import { firstMixture } from './first-mixture.ts';
import { isAllotted, type Method, reusedRows } from './method.ts';

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
export const DEVIATION_FLOOR = 1e-6;

/** Effective samples without which no component of a shared batch steps: one sample alone says nothing of a neighbourhood. */
const LEAST_EFFECTIVE = 1.5;

/** Iterations beyond which a budget says nothing of how long a run is meant to be. */
const LONGEST_DECAY = 1e5;

/** The shape of a run, as far as a start depends on it. */
interface RunShape {
  readonly dim: number;
  readonly components: number;
  readonly samples: number;
  readonly capacity: number;
  readonly seed: number;
  readonly method: Method;
  readonly plan: SamplePlan;
  readonly objective: Objective;
}

export function startState(run: RunShape, options: StartOptions) {
  const { dim, components, method, plan } = run;
  const { weights } = method;
  const { start, firstTemperature } = options;
  const record = recordSize(dim);
  const { rows, factors } = firstMixture(start, dim, components, method.covariance);
  const allotted = isAllotted(method);
  const allotment = firstRows(method, plan, components, run.samples);
  const own = method.step.size.kind === 'own' ? method.step.size : undefined;
  for (let k = 0; k < components; k++) {
    const at = k * record;
    rows[at + field.step] = own ? firstSize(own) : 0;
    rows[at + field.reward] = NO_VALUE;
    rows[at + field.pastReward] = NO_VALUE;
    rows[at + field.ridge] = method.ridge ?? 0;
    rows[at + field.firstDraw] = allotment.first[k]!;
    rows[at + field.draws] = allotment.draws[k]!;
    rows[at + field.logShare] = method.sampling === 'mixture' ? rows[at + field.logWeight]! : -Math.log(components);
  }
  const rate = rateConstants(method.step.size, firstTemperature);
  const decay = decayConstants(method.step.size, runLength(options, plan));
  const cooled = method.step.size.kind === 'spectral' ? { ...method.temperature, iterations: decay.anneal } : method.temperature;
  const schedule = temperatureConstants(cooled, firstTemperature);
  const utility = utilityConstants(method.utilities, plan.samples);
  // `bounded` maps all of R^d into the box.
  const bounded = run.objective.boundary !== 'none' && run.objective.boundary !== 'bounded';
  const unlimited = 0xffffffff;
  const params = pack(paramsLayout, {
    seed: seedKey(run.seed),
    components,
    samples: allotted ? run.samples : plan.samples,
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
    weight_ratio: weights.kind === 'reward' ? 0 : weights.ratio,
    weight_floor: weights.kind === 'reward' ? 0 : weights.floor,
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
    effective_minimum: isAllotted(method) ? LEAST_EFFECTIVE : method.sampling === 'own' ? 0 : dim + 1,
    capacity: run.capacity,
    row_capacity: plan.samples,
    row_budget: plan.evaluations,
    reuse: reusedRows(method, run.samples),
    ...stepConstants(method),
    add_every: method.adapt?.addEvery ?? 0,
    remove_after: method.adapt?.removeAfter ?? 0,
    past_rows: plan.pastRows,
    start_entropy: startEntropy(rows, dim, components),
    ridge_first: method.ridge ?? 0,
    anneal: decay.anneal,
    anneal_rate: decay.annealRate,
    decay_iterations: decay.iterations,
    decay_least: LEAST_ETA,
  });
  const batch = allotted ? allotment : { rows: plan.samples, fresh: plan.samples, leaves: plan.leaves };
  const control = pack(controlLayout, {
    ...zeroControl,
    components,
    rows: batch.rows,
    leaves: batch.leaves,
    fresh: batch.fresh,
    weight_step: weights.kind === 'reward' ? weights.size.first : 0,
    round: options.round ?? 0,
    temperature: firstTemperature,
    first_temperature: firstTemperature,
    best: NO_VALUE,
    // An iteration that would pass the budget is not started, not even the first.
    stop: (options.maxEvaluations ?? unlimited) < (allotted ? allotment.fresh : plan.evaluations) ? stopBit.evaluations : 0,
  });
  return { params, rows, factors, control };
}

/** Iterations that the budgets allow, where they bound them; decays end with them. */
function runLength({ maxIterations, maxEvaluations }: StartOptions, plan: SamplePlan): number | undefined {
  const affordable = maxEvaluations === undefined ? Number.POSITIVE_INFINITY : Math.floor(maxEvaluations / plan.evaluations);
  const length = Math.min(maxIterations ?? Number.POSITIVE_INFINITY, affordable);
  return length < LONGEST_DECAY ? length : undefined;
}

/** The rows of the first iteration, where they are counted out. */
export function firstRows(method: Method, plan: SamplePlan, components: number, samples: number) {
  const proposal = method.sampling === 'component' ? 'component' : 'mixture';
  return firstAllotment({ proposal, components, samples, rowBudget: plan.evaluations });
}

/** Step sizes of the components (those of a component that is added later start like the others) and of the weights. */
function stepConstants({ step, weights }: Method) {
  const own = step.size.kind === 'own' ? step.size : undefined;
  const size = weights.kind === 'reward' ? weights.size : undefined;
  return {
    // What the shader decays from is the plain first size.
    step_first: own ? (own.rule === 'decaying' ? own.first : firstSize(own)) : 0,
    step_least: own?.least ?? 0,
    step_most: own?.most ?? 0,
    step_power: own?.power ?? 0,
    weight_step_first: size?.first ?? 0,
    weight_step_least: size?.least ?? 0,
    weight_step_most: size?.most ?? 0,
    weight_step_power: size?.power ?? 0,
  };
}

/** Mean entropy of the start's components, in search coordinates. */
function startEntropy(rows: Float32Array, dim: number, components: number): number {
  const record = recordSize(dim);
  let sum = 0;
  for (let k = 0; k < components; k++) sum += 0.5 * dim - rows[k * record + field.logNorm]!;
  return sum / components;
}
