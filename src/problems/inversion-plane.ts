/**
 * Five inverse problems of two parameters whose posteriors are known to any accuracy on a grid, and their versions of any dimension
 * with the same marginal of the first two: an added parameter has one more row, theta_i - theta_1 - theta_2 = 0 with deviation 1.
 * No prior but the data rows: what of one there is stands among them.
 */
import type { InversionProblem } from './inversion.ts';

/** The rectangle of the first two parameters in which the density is compared on a grid. */
export type PlaneWindow = readonly [readonly [number, number], readonly [number, number]];

export interface PlaneInversion {
  readonly name: string;
  readonly title: string;
  readonly window: PlaneWindow;
  /** The problem in `dim` dimensions, 2 or more. */
  readonly at: (dim: number) => InversionProblem & { readonly window: PlaneWindow };
}

interface PlaneCase {
  name: string;
  title: string;
  data: readonly number[];
  noise: readonly number[];
  window: PlaneWindow;
  /** WGSL that sets the rows of `y` from `a` = theta_1 and `b` = theta_2. */
  rows: string;
  twin: (a: number, b: number) => readonly number[];
}

function plane({ name, title, data, noise, window, rows, twin }: PlaneCase): PlaneInversion {
  const own = data.length;
  const at = (dim: number) => {
    if (!Number.isInteger(dim) || dim < 2) throw new RangeError(`${name} has 2 dimensions or more, not ${dim}`);
    const added = dim - 2;
    const tail = added > 0 ? `\n  for (var i = 2u; i < DIM; i++) {\n    (*y)[i + ${own}u - 2u] = theta[i] - a - b;\n  }` : '';
    return {
      name: dim === 2 ? name : `${name}-${dim}d`,
      title,
      source: 'DF-GMVI, arXiv 2501.04259, 2-D and 100-D tests; formulas sheet kalman.md section 5.5',
      dimension: dim,
      observations: own + added,
      data: [...data, ...Array<number>(added).fill(0)],
      noise: [...noise, ...Array<number>(added).fill(1)],
      window,
      wgsl: `fn forward(theta: Point, y: ptr<function, Observation>) {
  let a = theta[0];
  let b = theta[1];
${rows
  .trim()
  .split('\n')
  .map((line) => `  ${line.trim()}`)
  .join('\n')}${tail}
}
`,
      twin: (theta: Float64Array) => {
        const [a, b] = [theta[0]!, theta[1]!];
        return Float64Array.from([...twin(a, b), ...Array.from(theta.subarray(2), (t) => t - a - b)]);
      },
    };
  };
  return { name, title, window, at };
}

const observed = 4.2297;

export const planeInversions: readonly PlaneInversion[] = [
  plane({
    name: 'plane-gaussian',
    title: 'A Gaussian posterior: mean (-1, 1), covariance [[5, -3], [-3, 2]]',
    data: [0, 1],
    noise: [1, 1],
    window: [
      [-7, 5],
      [-4, 5],
    ],
    rows: `(*y)[0] = a + b;
           (*y)[1] = a + 2.0 * b;`,
    twin: (a, b) => [a + b, a + 2 * b],
  }),
  plane({
    name: 'plane-four-modes',
    title: 'Four modes: the squares of sum and difference observed, and the parameters themselves',
    data: [observed, observed, 0.5, 0],
    noise: [1, 1, 1, 1],
    window: [
      [-4, 4],
      [-4, 4],
    ],
    rows: `(*y)[0] = (a - b) * (a - b);
           (*y)[1] = (a + b) * (a + b);
           (*y)[2] = a;
           (*y)[3] = b;`,
    twin: (a, b) => [(a - b) ** 2, (a + b) ** 2, a, b],
  }),
  plane({
    name: 'plane-circle',
    title: 'A circle: only the squared radius observed',
    data: [1],
    noise: [0.3],
    window: [
      [-3, 3],
      [-3, 3],
    ],
    rows: '(*y)[0] = a * a + b * b;',
    twin: (a, b) => [a * a + b * b],
  }),
  plane({
    name: 'plane-banana',
    title: "A banana: Rosenbrock's function over 20; mean (1, 11), covariance [[10, 20], [20, 240]]",
    data: [0, 1],
    noise: [Math.sqrt(10), Math.sqrt(10)],
    window: [
      [-4, 4],
      [-2, 15],
    ],
    rows: `(*y)[0] = 10.0 * (b - a * a);
           (*y)[1] = a;`,
    twin: (a, b) => [10 * (b - a * a), a],
  }),
  plane({
    name: 'plane-double-banana',
    title: "Two bananas: the logarithm of Rosenbrock's function observed, and the parameters themselves",
    data: [Math.log(101), 0, 0],
    noise: [0.3, 1, 1],
    window: [
      [-3, 3],
      [-3, 3],
    ],
    // Zero at (1, 1) alone, where the density is none.
    rows: `let banana = b - a * a;
           (*y)[0] = log(max(100.0 * banana * banana + (1.0 - a) * (1.0 - a), 1.0e-30));
           (*y)[1] = a;
           (*y)[2] = b;`,
    twin: (a, b) => [Math.log(Math.max(100 * (b - a * a) ** 2 + (1 - a) ** 2, 1e-30)), a, b],
  }),
];
