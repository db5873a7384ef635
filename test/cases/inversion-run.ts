/** What the cases of inversion's kernels share: shapes, components with runs at their sigma points. Not a case module itself. */
import fc from 'fast-check';
import { gridOf } from '../../src/gpu/pipelines.ts';
import type { KernelSource } from '../../src/gpu/wgsl.ts';
import { controlLayout, LANES, NO_VALUE, type ParamsValues, pack, paramsLayout } from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import type { Matrix, Vector } from '../reference/matrix.ts';
import { type Bench, compileAll, forAll, onBench } from './kernel-run.ts';
import { Content, defaultControl, defaultParams, randomMixture, type TestMixture } from './kernels-content.ts';

/** Sizes of a model: parameters, data, and components at most. */
export interface Shape {
  dim: number;
  observations: number;
  most: number;
}

const shapesOf = (sizes: readonly (readonly [number, number, number])[]): Shape[] =>
  sizes.map(([dim, observations, most]) => ({ dim, observations, most }));

export const briefShapes = shapesOf([
  [1, 1, 5],
  [3, 7, 9],
  [17, 21, 3],
]);
/** Beyond 72 parameters the work triangle lies in storage. */
export const longShapes = shapesOf([
  [1, 1, 70],
  [2, 3, 40],
  [5, 130, 4],
  [33, 5, 4],
  [73, 40, 2],
  [100, 12, 3],
]);

/** Components, and what a forward model said at their sigma points. */
export interface Run extends Shape {
  random: Content;
  mixture: TestMixture;
  /** h and c. */
  h: number;
  c: number;
}

export const flat = (rows: readonly (readonly number[])[]): Float32Array<ArrayBuffer> => Float32Array.from(rows.flat());

/** Rows of a buffer that may be longer. */
export const rowsOf = (numbers: Float32Array, count: number, width: number, at = 0): Matrix =>
  Array.from({ length: count }, (_, j) => Array.from(numbers.subarray(at + j * width, at + (j + 1) * width)));

export const matrixOf = (random: Content, rows: number, columns: number, scale = 1): Matrix =>
  Array.from({ length: rows }, () => random.vector(columns, () => random.normal(scale)));

/** Misfits as the misfit kernel leaves them. */
export const misfitWords = (misfits: readonly (number | undefined)[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(misfits, (misfit) => misfit ?? NO_VALUE);

/** Of each component's sigma points: all well, or some lost: one side, both, the centre. */
export function randomMisfits({ random, dim, mixture }: Run, failing: boolean): (number | undefined)[][] {
  return mixture.components.map(() => {
    const share = failing && random.chance(0.7) ? 0.3 : 0;
    return Array.from({ length: 2 * dim + 1 }, () => (random.chance(share) ? undefined : Math.fround(random.normal(5) ** 2)));
  });
}

/** Residuals of the sigma points; what a failed one holds is not to matter. */
export function randomResiduals({ random, dim, observations, mixture }: Run, misfits: (number | undefined)[][]): Matrix[] {
  return mixture.components.map((_, k) => {
    const size = 2 ** random.uniform(-3, 6);
    const centre = random.vector(observations, () => random.normal(size));
    return Array.from({ length: 2 * dim + 1 }, (_, point) =>
      centre.map((entry) =>
        misfits[k][point] === undefined ? 1e30 : point === 0 ? Math.fround(entry) : Math.fround(entry + random.normal(0.3 * size)),
      ),
    );
  });
}

/** One dispatch of a kernel of the loop: of invocations or of whole workgroups, where it counts in two dimensions on a narrow grid. */
export async function dispatch(
  bench: Bench,
  run: Pick<Run, 'h' | 'c' | 'mixture'>,
  source: KernelSource,
  work: { invocations: number } | { workgroups: number; narrow?: boolean },
  more: Partial<ParamsValues> = {},
): Promise<void> {
  const components = run.mixture.components.length;
  bench.put({
    ms_control: pack(controlLayout, { ...defaultControl, components }),
    ms_params: pack(paramsLayout, { ...defaultParams, components, rate: run.h, rate_limit: 3e38, draw_scale: run.c, ...more }),
  });
  const narrow = 'invocations' in work || work.narrow === true;
  await bench.dispatch(
    source,
    gridOf('workgroups' in work ? work.workgroups : Math.ceil(work.invocations / LANES), narrow ? 7 : undefined),
  );
}

/** A property of one shape: `check` on benches with random components. */
export function shapeCase(
  shape: Shape,
  runs: number,
  sources: (shape: Shape) => readonly KernelSource[],
  check: (bench: Bench, run: Run, failing: boolean) => Promise<void>,
): Cases[string] {
  return async (device) => {
    await compileAll(device, sources(shape));
    const inputs = { components: fc.integer({ min: 1, max: shape.most }), failing: fc.boolean(), content: fc.nat() };
    const examples = [
      { components: 1, failing: false, content: 1 },
      { components: shape.most, failing: true, content: 2 },
    ];
    await forAll(runs, inputs, examples, ({ components, failing, content }) => {
      const random = new Content(content);
      const mixture = randomMixture(random, shape.dim, components, 'full');
      const run = { ...shape, random, mixture, h: random.uniform(0.05, 0.95), c: random.uniform(0.3, 2) };
      return onBench(device, (bench) => check(bench, run, failing));
    });
  };
}

/** Cases of every check at every shape. */
export function shapeCases(
  shapes: readonly Shape[],
  runs: number,
  checks: Readonly<
    Record<
      string,
      {
        sources: (shape: Shape) => readonly KernelSource[];
        check: (bench: Bench, run: Run, failing: boolean) => Promise<void>;
      }
    >
  >,
): Cases {
  return Object.fromEntries(
    shapes.flatMap((shape) =>
      Object.entries(checks).map(([name, { sources, check }]) => [
        `${name}, d = ${shape.dim}, m = ${shape.observations}`,
        shapeCase(shape, runs, sources, check),
      ]),
    ),
  );
}

/** |A| |x|, and the sizes that sums of products have. */
export const absoluteApply = (a: Matrix, x: Vector): Vector =>
  a.map((row) => row.reduce((sum, entry, i) => sum + Math.abs(entry * x[i]), 0));
