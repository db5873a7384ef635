/**
 * Kernel B for a shared batch with full covariance and few dimensions: weighted sums of a leaf of a component by one invocation, which
 * whitens the rows by itself: no draw as a component sees it goes through memory, whose loads and stores are what a software adapter
 * spends its time on.
 */
import componentMoments from '../../shaders/component_moments.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared, weightModules } from './compose.ts';
import { MAX_COMPONENT_DIM } from './estimator.ts';
import { pairs, partSize } from './state.ts';

/** Neighbouring components that a workgroup takes. */
export const COMPONENT_LANES = 16;

export interface ComponentMomentsSpec {
  /** At most the estimator's {@link MAX_COMPONENT_DIM}. */
  dim: number;
  /** `score` centres each leaf on its own mean, `stein` none of them (see `MomentsSpec.centre`). */
  estimator: 'score' | 'stein';
}

/** Rows taken at a time, which share what is read of the component and of the sums: three gain a little on SwiftShader, and lose on llvmpipe. */
const ROWS = 2;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const entry = (i: number, j: number): number => (i * (i + 1)) / 2 + j;
const rows = range(ROWS);
/** The same of each row at hand, added up. */
const overRows = (term: (row: number) => string): string => rows.map(term).join(' + ');
/** Coordinate `axis` of a row. */
const axisOf = (array: string, axis: number, row: number): string => `${array}[${axis === 0 ? '' : `axis${axis} + `}position${row}]`;

/** y = L^-1 (x - mean) of the rows at hand, row by row. */
const whitened = (axes: readonly number[]): string[] =>
  rows.flatMap((row) => [
    ...axes.map((i) => `let x${i}_${row} = ${axisOf('ms_points', i, row)} - m${i};`),
    ...axes.map((i) => {
      const terms = range(i + 1).map((j) => `l${entry(i, j)} * x${j}_${row}`);
      return `let y${i}_${row} = ${terms.join(' + ')};`;
    }),
  ]);

/** c = count y, coordinate by coordinate, and its sum. */
const counted = (i: number, sum: string): string[] => [
  ...rows.map((row) => `let c${i}_${row} = count${row} * y${i}_${row};`),
  `${sum} += ${overRows((row) => `c${i}_${row}`)};`,
];

/**
 * The leaf's rows, some at a time: `count` is what one counts, nothing for those past the end. In place of a row that does not count, whose
 * numbers need not be numbers, one is read that does.
 */
const throughRows = (axes: readonly number[], count: (row: string, at: string) => string, body: readonly string[]): string => {
  const counting = rows.slice(0, -1).reduceRight((rest, row) => `select(${rest}, at${row}, count${row} != 0.0)`, `at${ROWS - 1}`);
  const lines = [
    ...rows.flatMap((row) => [
      `let row${row} = min(row + ${row}u, end - 1u);`,
      `let at${row} = ms_ring(row${row});`,
      `let count${row} = select(0.0, ${count(`row${row}`, `at${row}`)}, row + ${row}u < end);`,
    ]),
    `if (${rows.map((row) => `count${row} != 0.0`).join(' || ')}) {`,
    ...[
      `let counting = ${counting};`,
      ...rows.map((row) => `let position${row} = select(counting, at${row}, count${row} != 0.0) - ms_chunk.first_sample;`),
      ...body,
    ].map((line) => `  ${line}`),
    '}',
  ];
  return `  let end = leaf.first + leaf.count;
${axes
  .slice(1)
  .map((i) => `  let axis${i} = ${i}u * ms_chunk.batch_stride;\n`)
  .join('')}  for (var row = leaf.first; row < end; row += ${ROWS}u) {
${lines.map((line) => `    ${line}\n`).join('')}  }
`;
};

/** The invocation's own L^-1 and mean, by way of arrays that loops fill: a text of many loads or stores takes drivers long to compile. */
const copies = (dim: number): string => `  var inverse: array<f32, ${pairs(dim, 'full')}>;
  let at = leaf.component * ${2 * pairs(dim, 'full')}u;
  for (var p = 0u; p < ${pairs(dim, 'full')}u; p++) {
    inverse[p] = ms_factors[at + ${pairs(dim, 'full')}u + p];
  }
  var mean: Point;
  for (var i = 0u; i < DIM; i++) {
    mean[i] = ms_components[leaf.component * ms_RECORD + ms_MEAN + i];
  }
${range(pairs(dim, 'full'))
  .map((p) => `  let l${p} = inverse[${p}];\n`)
  .join('')}${range(dim)
  .map((i) => `  let m${i} = mean[${i}];\n`)
  .join('')}`;

const zeros = (names: readonly string[]): string => names.map((name) => `  var ${name} = 0.0;\n`).join('');
const store = (names: readonly string[], from: string): string => `  var ${from} = array<f32, ${names.length}>(${names.join(', ')});\n`;

/** Score estimator: g = sum c y, G = sum c (y y^T - I), c = w (f - mean f), both times n/(n - 1) since the mean is the leaf's own. */
function scoreText(dim: number): string {
  const axes = range(dim);
  const entries = axes.flatMap((i) => range(i + 1).map((j) => [i, j] as const));
  const sums = [...axes.map((i) => `g${i}`), ...entries.map(([i, j]) => `a${i}_${j}`)];
  return `fn ms_count(leaf: ms_Leaf, row: u32, at: u32) -> f32 {
  let weight = ms_importance(leaf.component, row);
  return select(0.0, weight * (ms_values[at].y - leaf.mean), weight > 0.0);
}

fn ms_sum_rows(leaf: ms_Leaf, part: u32) {
${copies(dim)}${zeros(sums)}  var total = 0.0;
${throughRows(axes, (row, at) => `ms_count(leaf, ${row}, ${at})`, [
  `total += ${overRows((row) => `count${row}`)};`,
  ...whitened(axes),
  ...axes.flatMap((i) => [
    ...counted(i, `g${i}`),
    ...range(i + 1).map((j) => `a${i}_${j} += ${overRows((row) => `c${i}_${row} * y${j}_${row}`)};`),
  ]),
])}${store(sums, 'sums')}  let unbiased = leaf.usable / max(leaf.usable - 1.0, 1.0);
  for (var p = 0u; p < ${sums.length}u; p++) {
    ms_parts[part + ms_PART_GRADIENT + p] = unbiased * sums[p];
  }
  for (var i = 0u; i < DIM; i++) {
    let at = DIM + i * (i + 3u) / 2u;
    ms_parts[part + ms_PART_GRADIENT + at] = unbiased * (sums[at] - total);
  }
}
`;
}

/**
 * Stein estimator: sums of h = L^T grad f, of y, and of the symmetric part of y h^T. Slopes are summed as they are, the same for every
 * component, and L^T comes in once at the end.
 */
function steinText(dim: number): string {
  const axes = range(dim);
  const entries = axes.flatMap((i) => axes.map((j) => [i, j] as const));
  const products = entries.map(([i, j]) => `a${i}_${j}`);
  const slopes = axes.map((i) => `g${i}`);
  const draws = axes.map((i) => `e${i}`);
  return `fn ms_sum_rows(leaf: ms_Leaf, part: u32) {
${copies(dim)}${zeros([...products, ...slopes, ...draws])}${throughRows(axes, (row) => `ms_importance(leaf.component, ${row})`, [
  ...whitened(axes),
  ...axes.flatMap((i) => counted(i, `e${i}`)),
  ...axes.flatMap((j) => [
    ...rows.map((row) => `let h${j}_${row} = ${axisOf('ms_row_slopes', j, row)};`),
    `g${j} += ${overRows((row) => `count${row} * h${j}_${row}`)};`,
  ]),
  ...entries.map(([i, j]) => `a${i}_${j} += ${overRows((row) => `c${i}_${row} * h${j}_${row}`)};`),
])}${store(products, 'matrix')}${store(slopes, 'gradient')}${store(draws, 'weighted')}  // Rows times L, in place: entry j of a row reads only those from j on. Then the slopes in the same way.
  for (var i = 0u; i < DIM; i++) {
    for (var j = 0u; j < DIM; j++) {
      var sum = 0.0;
      for (var m = j; m < DIM; m++) {
        sum += matrix[i * DIM + m] * ms_factors[at + m * (m + 1u) / 2u + j];
      }
      matrix[i * DIM + j] = sum;
    }
  }
  for (var j = 0u; j < DIM; j++) {
    var sum = 0.0;
    for (var m = j; m < DIM; m++) {
      sum += gradient[m] * ms_factors[at + m * (m + 1u) / 2u + j];
    }
    ms_parts[part + ms_PART_GRADIENT + j] = sum;
    ms_parts[part + ms_PART_DRAW + j] = weighted[j];
    for (var i = 0u; i <= j; i++) {
      ms_parts[part + ms_PART_GRADIENT + DIM + j * (j + 1u) / 2u + i] = 0.5 * (matrix[i * DIM + j] + matrix[j * DIM + i]);
    }
  }
}
`;
}

/** Reads `ms_values`, `ms_weights`, `ms_points`, `ms_row_slopes` and the components; writes `ms_parts`. All components of a batch at once. */
export function componentMomentsKernel({ dim, estimator }: ComponentMomentsSpec): KernelSource {
  const most = MAX_COMPONENT_DIM[estimator];
  if (dim > most) throw new RangeError(`sums are kept in registers up to d = ${most}, not ${dim}`);
  const stein = estimator === 'stein';
  return compose({
    label: 'moments',
    lanes: COMPONENT_LANES,
    constants: {
      DIM: dim,
      ms_PART: partSize(dim, 'full'),
      ms_PART_DRAW: 8 + dim + pairs(dim, 'full'),
      ms_PART_BEST_POINT: partSize(dim, 'full') - dim,
    },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk'),
      ...declare('read', 'ms_components', 'ms_factors', 'ms_values', 'ms_weights', 'ms_points', ...(stein ? ['ms_row_slopes'] : [])),
      ...declare('write', 'ms_parts'),
    ],
    modules: [shared.numbers, shared.state, ...weightModules(true), stein ? steinText(dim) : scoreText(dim), componentMoments],
  });
}
