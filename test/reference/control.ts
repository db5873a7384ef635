/** The end of an iteration: weights, temperature, counters, stop flag, one row of the trace (formulas/nva.md 3.2 (4), 4.1, 4.3). */
import { sum, type Vector } from './matrix.ts';

export interface ComponentState {
  logWeight: number;
  /** 0: the last step was taken. */
  status: number;
  /** F, V, effective and usable number of samples, best l, last rho, sqrt(tr Sigma / d). */
  value: number;
  variance: number;
  effective: number;
  usable: number;
  best: number;
  rate: number;
  deviation: number;
}

export interface ControlState {
  stop: number;
  iteration: number;
  round: number;
  evaluations: number;
  temperature: number;
  firstTemperature: number;
  spread: number;
  best: number;
  nonFinite: number;
  failures: number;
  traceCount: number;
  /** Components removed so far. */
  removals: number;
}

export interface ControlOptions {
  rule: 'adaptive' | 'power' | 'geometric';
  temperaturePower: number;
  temperatureRatio: number;
  cooling: number;
  coolingLimit: number;
  /** rhoWeight / rho; 0 leaves the weights alone. */
  weightRatio: number;
  /** Smallest weight, as a share of 1/K. */
  weightFloor: number;
  evaluationsPerIteration: number;
  maxEvaluations: number;
  maxIterations: number;
  finalTemperature: number;
  /** omega goes no lower. */
  temperatureFloor: number;
  settledDeviation: number;
  targetValue: number | undefined;
  /** Every component counts every sample. */
  sharedBatch: boolean;
}

function normalise(logWeights: Vector): Vector {
  const top = Math.max(...logWeights);
  const total = top + Math.log(sum(logWeights.map((w) => Math.exp(w - top))));
  return logWeights.map((w) => w - total);
}

const mean = (numbers: Vector): number => (numbers.length > 0 ? sum(numbers) / numbers.length : 0);

/** sqrt of the mean over components of Var_k[l], of those that have values. */
export const pooledSpread = (components: readonly ComponentState[]): number =>
  Math.sqrt(mean(components.filter((own) => own.usable > 0).map((own) => own.variance)));

/** log pi += rhoWeight (F - mean F), at most 10 a step; then no weight below the floor. */
export function nextLogWeights(components: readonly ComponentState[], options: ControlOptions): Vector {
  const logWeights = components.map((own) => own.logWeight);
  if (options.weightRatio <= 0) return logWeights;
  const pooled = mean(components.filter((own) => own.usable > 0).map((own) => own.value));
  const stepped = components.map((own, k) => {
    if (own.usable === 0) return logWeights[k];
    const change = options.weightRatio * own.rate * (own.value - pooled);
    return logWeights[k] + Math.min(Math.max(change, -10), 10);
  });
  const floor = Math.log(options.weightFloor / components.length);
  return normalise(normalise(stepped).map((w) => Math.max(w, floor)));
}

/** omega of the iteration after `finished` ones. */
export function nextTemperature(state: ControlState, finished: number, spread: number, options: ControlOptions): number {
  if (options.rule === 'power') return state.firstTemperature / (finished + 1) ** options.temperaturePower;
  if (options.rule === 'geometric') return state.temperature * options.temperatureRatio;
  const cooled = spread > 0 ? 1 / (1 / state.temperature + options.cooling / spread) : 0;
  return Math.max(cooled, options.coolingLimit * state.temperature);
}

export function control(
  components: readonly ComponentState[],
  state: ControlState,
  options: ControlOptions,
): { logWeights: Vector; state: ControlState; traceRow: Vector } {
  const valued = components.filter((own) => own.usable > 0);
  const spread = pooledSpread(components);
  const best = Math.max(...components.map((own) => own.best));
  const widest = Math.max(...components.map((own) => own.deviation));
  const failed = components.filter((own) => own.status !== 0).length;
  const iteration = state.iteration + 1;
  const evaluations = state.evaluations + options.evaluationsPerIteration;
  const temperature = Math.max(nextTemperature(state, iteration, spread, options), options.temperatureFloor);
  const usable = sum(components.map((own) => own.usable)) / (options.sharedBatch ? components.length : 1);

  let stop = 0;
  if (iteration >= options.maxIterations) stop |= 1;
  if (evaluations + options.evaluationsPerIteration > options.maxEvaluations) stop |= 2;
  if (temperature < options.finalTemperature) stop |= 4;
  if (widest < options.settledDeviation) stop |= 8;
  if (options.targetValue !== undefined && best >= options.targetValue) stop |= 16;
  if (valued.length === 0) stop |= 32;

  return {
    logWeights: nextLogWeights(components, options),
    state: {
      stop,
      iteration,
      round: state.round + 1,
      evaluations,
      temperature,
      firstTemperature: state.firstTemperature,
      spread,
      best,
      nonFinite: state.nonFinite + options.evaluationsPerIteration - usable,
      failures: state.failures + failed,
      traceCount: state.traceCount + 1,
      removals: state.removals,
    },
    traceRow: [
      iteration,
      state.temperature,
      spread,
      best,
      mean(valued.map((own) => own.value)),
      mean(components.map((own) => own.rate)),
      mean(components.map((own) => own.effective)),
      failed,
      widest,
      components.length,
      state.removals,
    ],
  };
}
