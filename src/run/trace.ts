/** The trace: one row an iteration, written on the GPU and collected here as it comes. */
import { TRACE_ROW, TRACE_ROWS } from '../kernels/state.ts';

/** One iteration, in a few numbers. */
export interface TraceRow {
  /** From 1, in its wave. */
  iteration: number;
  /** omega in this iteration. */
  temperature: number;
  /** Pooled standard deviation of the objective within components. */
  spread: number;
  /** Best objective value so far, in the direction of maximisation. */
  best: number;
  /** Mean over components of E[f], f = l - omega log q. */
  value: number;
  /** Mean step size rho. */
  rate: number;
  /** Of the weights that samples had, mean over components. */
  effectiveSampleSize: number;
  /** Components whose step failed. */
  failures: number;
  /** Largest rms deviation of a component, in search coordinates. */
  widest: number;
  /** Components in this iteration. */
  components: number;
  /** Components removed before it. */
  removed: number;
}

/** Rows `from` .. `to` (numbers of iterations, counted from 0) out of the ring. */
export function readTrace(bytes: ArrayBuffer, offset: number, from: number, to: number): TraceRow[] {
  const ring = new Float32Array(bytes, offset, TRACE_ROWS * TRACE_ROW);
  const rows: TraceRow[] = [];
  for (let row = Math.max(from, to - TRACE_ROWS); row < to; row++) {
    const at = (row % TRACE_ROWS) * TRACE_ROW;
    rows.push(rowOf(ring, at));
  }
  return rows;
}

function rowOf(numbers: Float32Array, at: number): TraceRow {
  const [iteration, temperature, spread, best, value, rate, effectiveSampleSize, failures, widest, components, removed] = numbers.subarray(
    at,
    at + TRACE_ROW,
  ) as unknown as number[];
  return {
    iteration: iteration!,
    temperature: temperature!,
    spread: spread!,
    best: best!,
    value: value!,
    rate: rate!,
    effectiveSampleSize: effectiveSampleSize!,
    failures: failures!,
    widest: widest!,
    components: components!,
    removed: removed!,
  };
}

/** As on the GPU, one row after the other. */
export function packTrace(rows: readonly TraceRow[]): Float32Array {
  const numbers = new Float32Array(rows.length * TRACE_ROW);
  rows.forEach((own, row) => {
    const { iteration, temperature, spread, best, value, rate, effectiveSampleSize, failures, widest, components, removed } = own;
    numbers.set(
      [iteration, temperature, spread, best, value, rate, effectiveSampleSize, failures, widest, components, removed],
      row * TRACE_ROW,
    );
  });
  return numbers;
}

/** Undefined where it cannot be one. */
export function unpackTrace(numbers: unknown): TraceRow[] | undefined {
  if (!(numbers instanceof Float32Array) || numbers.length % TRACE_ROW !== 0) return undefined;
  return Array.from({ length: numbers.length / TRACE_ROW }, (_, row) => rowOf(numbers, row * TRACE_ROW));
}
