/** Random content for kernel tests, rounded to float32 so that twin and kernel read the same numbers; and its GPU layouts. */

import { gridOf, type Workgroups } from '../../src/gpu/pipelines.ts';
import {
  type ChunkValues,
  type ControlValues,
  type Covariance,
  field,
  LANES,
  NO_VALUE,
  type ParamsValues,
  pairs,
  recordSize,
} from '../../src/kernels/state.ts';
import { inverseLower, rmsDeviation } from '../reference/cholesky.ts';
import { identity, type Matrix, type Vector, zeroMatrix } from '../reference/matrix.ts';
import { type Component, component } from '../reference/mixture.ts';
import { leafRanges } from '../reference/moments.ts';

/** A small generator (mulberry32): fast-check draws its seed, so runs shrink on sizes and stay cheap on content. */
export class Content {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  /** In [lo, hi), a float32. */
  uniform(lo = 0, hi = 1): number {
    return Math.fround(lo + (hi - lo) * (this.word() / 2 ** 32));
  }

  integer(count: number): number {
    return Math.floor((this.word() / 2 ** 32) * count);
  }

  chance(share: number): boolean {
    return this.word() / 2 ** 32 < share;
  }

  normal(scale = 1): number {
    const radius = Math.sqrt(-2 * Math.log((this.word() + 0.5) / 2 ** 32));
    return Math.fround(scale * radius * Math.cos((2 * Math.PI * this.word()) / 2 ** 32));
  }

  vector(n: number, make: () => number = () => this.normal()): Vector {
    return Array.from({ length: n }, make);
  }

  symmetric(n: number, covariance: Covariance, scale = 1): Matrix {
    const matrix = zeroMatrix(n);
    for (let i = 0; i < n; i++) {
      for (let j = covariance === 'full' ? 0 : i; j <= i; j++) {
        matrix[i][j] = this.normal(scale);
        matrix[j][i] = matrix[i][j];
      }
    }
    return matrix;
  }
}

/** The kept entries of a symmetric matrix or a lower factor, as the GPU holds them. */
export function packMatrix(matrix: Matrix, covariance: Covariance): Vector {
  return covariance === 'full' ? matrix.flatMap((row, i) => row.slice(0, i + 1)) : matrix.map((row, i) => row[i]);
}

/** A packed lower triangle (or diagonal); `mirror` for symmetric matrices. */
export function unpackMatrix(packed: ArrayLike<number>, dim: number, covariance: Covariance, mirror: boolean, at = 0): Matrix {
  const matrix = zeroMatrix(dim);
  for (let i = 0; i < dim; i++) {
    for (let j = covariance === 'full' ? 0 : i; j <= i; j++) {
      matrix[i][j] = packed[at + (covariance === 'full' ? (i * (i + 1)) / 2 + j : i)];
      if (mirror) matrix[j][i] = matrix[i][j];
    }
  }
  return matrix;
}

/** A lower factor with marginal deviations of `deviation` times [1/2, 2], well conditioned. */
export function randomFactor(content: Content, dim: number, covariance: Covariance, deviation = 0.3): Matrix {
  const factor = zeroMatrix(dim);
  for (let i = 0; i < dim; i++) {
    const size = deviation * 2 ** content.uniform(-1, 1);
    for (let j = 0; j < i && covariance === 'full'; j++) factor[i][j] = content.normal((0.5 * size) / Math.sqrt(dim));
    factor[i][i] = Math.fround(size);
  }
  return factor;
}

export interface TestMixture {
  dim: number;
  covariance: Covariance;
  components: Component[];
  /** |L^-1| of each component, for error bounds. */
  inverses: Matrix[];
  /** Contents of `ms_components` and `ms_factors`. */
  records: Float32Array<ArrayBuffer>;
  factors: Float32Array<ArrayBuffer>;
}

export function randomMixture(content: Content, dim: number, count: number, covariance: Covariance, deviation = 0.3): TestMixture {
  const logits = content.vector(count, () => content.normal(1.5));
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const components = logits.map((logit) =>
    component(
      Math.fround(logit - total),
      content.vector(dim, () => content.uniform(-0.9, 0.9)),
      randomFactor(content, dim, covariance, deviation),
    ),
  );
  return layOut(components, covariance);
}

/** Mixture -> GPU layout. */
export function layOut(components: Component[], covariance: Covariance): TestMixture {
  const dim = components[0].mean.length;
  const kept = pairs(dim, covariance);
  const size = recordSize(dim);
  const records = new Float32Array(components.length * size);
  const factors = new Float32Array(components.length * 2 * kept);
  const inverses = components.map((own, k) => {
    const inverted = inverseLower(own.factor);
    factors.set(packMatrix(own.factor, covariance), 2 * k * kept);
    factors.set(packMatrix(inverted, covariance), (2 * k + 1) * kept);
    const record = records.subarray(k * size, (k + 1) * size);
    record[field.logWeight] = own.logWeight;
    record[field.logNorm] = own.logNormaliser;
    record[field.stepFactor] = 1;
    record[field.best] = NO_VALUE;
    record[field.deviation] = rmsDeviation(own.factor);
    record.set(own.mean, field.mean);
    return inverted.map((row) => row.map(Math.abs));
  });
  return { dim, covariance, components, inverses, records, factors };
}

/** A standard normal as a mixture of one: for tests that need some component. */
export const standardComponent = (dim: number): Component => component(0, new Array<number>(dim).fill(0), identity(dim));

export const defaultControl: ControlValues = {
  stop: 0,
  iteration: 0,
  round: 0,
  evaluations: 0,
  temperature: 1,
  first_temperature: 1,
  spread: 0,
  best: NO_VALUE,
  non_finite: 0,
  failures: 0,
  trace_count: 0,
  components: 1,
  rows: 1,
  leaves: 1,
  fresh: 1,
  first_row: 0,
  weight_step: 0,
  elbo: 0,
  drawn: 0,
  additions: 0,
  removals: 0,
};

/** The live counts of a run that draws the same number of samples in every iteration. */
export const liveCounts = ({ components, samples, leaves }: { components: number; samples: number; leaves: number }) => ({
  components,
  rows: samples,
  leaves,
  fresh: samples,
});

export const defaultParams: ParamsValues = {
  seed: [0, 0],
  components: 1,
  samples: 1,
  leaves: 1,
  evaluations_per_iteration: 1,
  max_evaluations: 0xffffffff,
  max_iterations: 0xffffffff,
  draw_scale: 1,
  deviation_cap: 0,
  deviation_floor: 0,
  mean_cap: 0,
  rate: 0.1,
  rate_power: 1,
  rate_limit: 1e30,
  mean_ratio: 1,
  weight_ratio: 0,
  weight_floor: 1e-3,
  trust: 0,
  burn: 0,
  temperature_power: 1,
  temperature_ratio: 1,
  cooling: 0.05,
  cooling_limit: 0.8,
  final_temperature: 0,
  temperature_floor: 0,
  settled_deviation: 0,
  target_value: 0,
  has_target: 0,
  utility_offset: 0,
  utility_scale: 0,
  utility_shift: 0,
  effective_minimum: 0,
  capacity: 1,
  row_capacity: 0xffffffff,
  row_budget: 0xffffffff,
  reuse: 0,
  step_first: 0,
  step_least: 0,
  step_most: 0,
  step_power: 0,
  weight_step_first: 0,
  weight_step_least: 0,
  weight_step_most: 0,
  weight_step_power: 0,
  add_every: 0,
  remove_after: 0,
  past_rows: 0,
  start_entropy: 0,
  ridge_first: 1e-12,
  anneal: 0,
  anneal_rate: 0,
  decay_iterations: 0,
  decay_least: 0,
};

/** A rectangle of components x leaves, with the grids its dispatches take. */
export interface Rectangle {
  firstComponent: number;
  componentCount: number;
  firstLeaf: number;
  leafCount: number;
}

export interface Chunk {
  values: ChunkValues;
  /** Samples in the rectangle, and the place of one in the chunk's buffers. */
  count: number;
  index(component: number, sample: number): number;
  /** Of a shared batch: the place of a row's weight, and how many places there are. */
  weightIndex(component: number, sample: number): number;
  weights: number;
  sampleGrid: Workgroups;
  leafGrid: Workgroups;
}

/**
 * @param slack extra room at the end of each row of the chunk's buffers
 * @param tiles workgroups a leaf takes in the moments kernel; or, with `lanes`, invocations of workgroups of so many
 * @param gridWidth limit of workgroups a dimension: a small one tests the second dimension
 */
export function chunkOf(
  rectangle: Rectangle,
  samples: number,
  leaves: number,
  { slack = 0, tiles = 1, lanes = 1, gridWidth = 65535 }: { slack?: number; tiles?: number; lanes?: number; gridWidth?: number } = {},
): Chunk {
  const { firstComponent, componentCount, firstLeaf, leafCount } = rectangle;
  const ranges = leafRanges(samples, leaves).slice(firstLeaf, firstLeaf + leafCount);
  const first = ranges[0].first;
  const sampleCount = ranges.reduce((sum, range) => sum + range.count, 0);
  const count = componentCount * sampleCount;
  const sampleGrid = gridOf(Math.ceil(count / LANES), gridWidth);
  const leafGrid = gridOf(Math.ceil((componentCount * leafCount * tiles) / lanes), gridWidth);
  return {
    values: {
      first_component: firstComponent,
      component_count: componentCount,
      first_leaf: firstLeaf,
      leaf_count: leafCount,
      first_sample: first,
      sample_count: sampleCount,
      stride: count + slack,
      batch_stride: sampleCount + slack,
      sample_grid: sampleGrid.x,
      leaf_grid: leafGrid.x,
      spare0: 0,
      spare1: 0,
    },
    count,
    index: (k, sample) => (k - firstComponent) * sampleCount + (sample - first),
    weightIndex: (k, sample) => k * (sampleCount + slack) + (sample - first),
    weights: (firstComponent + componentCount) * (sampleCount + slack),
    sampleGrid,
    leafGrid,
  };
}

/** All components and leaves at once, and a random cut of them into rectangles. */
export const wholeRectangle = (components: number, leaves: number): Rectangle => ({
  firstComponent: 0,
  componentCount: components,
  firstLeaf: 0,
  leafCount: leaves,
});

export function randomRectangles(content: Content, components: number, leaves: number): Rectangle[] {
  const cuts = (count: number): number[] => [
    0,
    ...Array.from({ length: count - 1 }, (_, i) => i + 1).filter(() => content.chance(0.4)),
    count,
  ];
  const rows = cuts(components);
  const columns = cuts(leaves);
  return rows.slice(1).flatMap((end, i) =>
    columns.slice(1).map((leafEnd, j) => ({
      firstComponent: rows[i],
      componentCount: end - rows[i],
      firstLeaf: columns[j],
      leafCount: leafEnd - columns[j],
    })),
  );
}
