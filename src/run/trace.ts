/** The trace: one row an iteration, written on the GPU and collected here as it comes. */
import { TRACE_ROW, TRACE_ROWS } from '../kernels/state.ts';

export interface TraceRow {
  iteration: number;
  temperature: number;
  /** Pooled standard deviation of the objective within components. */
  spread: number;
  /** Best objective value so far, in the direction of maximisation. */
  best: number;
  /** Mean over components of E[f], f = l - omega log q. */
  value: number;
  /** Mean step size rho. */
  rate: number;
  effectiveSampleSize: number;
  /** Components whose step failed. */
  failures: number;
  /** Largest rms deviation of a component, in search coordinates. */
  widest: number;
}

/** Rows `from` .. `to` (numbers of iterations, counted from 0) out of the ring. */
export function readTrace(bytes: ArrayBuffer, offset: number, from: number, to: number): TraceRow[] {
  const ring = new Float32Array(bytes, offset, TRACE_ROWS * TRACE_ROW);
  const rows: TraceRow[] = [];
  for (let row = Math.max(from, to - TRACE_ROWS); row < to; row++) {
    const at = (row % TRACE_ROWS) * TRACE_ROW;
    const [iteration, temperature, spread, best, value, rate, effectiveSampleSize, failures, widest] = ring.subarray(
      at,
      at + 9,
    ) as unknown as number[];
    rows.push({
      iteration: iteration!,
      temperature: temperature!,
      spread: spread!,
      best: best!,
      value: value!,
      rate: rate!,
      effectiveSampleSize: effectiveSampleSize!,
      failures: failures!,
      widest: widest!,
    });
  }
  return rows;
}
