/** What `npm run bench` measures, and the row it writes for each: shapes, methods, and the form of the JSON. */
import type { NvaEstimator } from '../src/method/nva.ts';

export interface Shape {
  d: number;
  k: number;
  /** Samples per iteration over all components. */
  n: number;
}

/** Small enough for a CPU: K times 4,096, 1,024, 256 and 64 samples a component. */
export const shapes: readonly Shape[] = [
  { d: 2, k: 4, n: 4 * 4096 },
  { d: 10, k: 16, n: 16 * 1024 },
  { d: 32, k: 16, n: 16 * 256 },
  { d: 100, k: 8, n: 8 * 64 },
];

/** NVA by its estimator: own samples, full covariance. */
export const methods: readonly NvaEstimator[] = ['score', 'stein', 'ranked'];

export interface IterationRow extends Shape {
  host: 'node' | 'chromium';
  adapter: string;
  /** The adapter is a CPU: the numbers say nothing about a GPU. */
  software: boolean;
  method: string;
  /** Median over the timed batches. */
  msPerIteration: number;
  /** Fastest and slowest batch. */
  msRange: readonly [number, number];
  particleIterationsPerSecond: number;
  compileMs: number;
  /** The first submit of one iteration, with whatever the driver compiles only then. */
  firstIterationMs: number;
  gpuBytes: number;
  /** Milliseconds per kernel of one iteration by timestamps; null where the adapter has none. */
  stages: Record<string, number> | null;
}
