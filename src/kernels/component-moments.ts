/**
 * Kernel B for a shared batch with full covariance and few dimensions: weighted sums of a leaf of a component by one invocation, which
 * whitens the rows by itself: no draw as a component sees it goes through memory, whose loads and stores are what a software adapter
 * spends its time on.
 */
import componentMoments from '../../shaders/component_moments.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, readsModule, shared, startModule, weightModules } from './compose.ts';
import { MAX_COMPONENT_DIM } from './estimator.ts';
import { pairs, partSize } from './state.ts';

/** Neighbouring components that a workgroup takes. */
export const COMPONENT_LANES = 16;

export interface ComponentMomentsSpec {
  /** At most the estimator's {@link MAX_COMPONENT_DIM}. */
  dim: number;
  /** `score` centres each leaf on its own mean, `stein` none of them (see `MomentsSpec.centre`). */
  estimator: 'score' | 'stein';
  /** Four neighbours read a row each and give it to the others: on software adapters with the feature `subgroups`. */
  quads?: boolean;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const entry = (i: number, j: number): number => (i * (i + 1)) / 2 + j;

/** How rows are read: how many at a time, which share what is read of the component and of the sums. */
interface Reading {
  count: 2 | 4;
  text: string;
  /** Coordinate `axis` of the rows, after `before`. */
  axis: (array: string, axis: number) => string;
  before: readonly string[];
}

const order = (count: number): string =>
  range(count)
    .map((row) => `${row}.0`)
    .join(', ');
const number = (row: number): string => 'xyzw'[row]!;

/** Vectors of numbers, one a row: the largest, and the one that goes with it. */
const vectors = (count: 2 | 4): string => `alias ms_Rows = vec${count}f;
const ms_AT_A_TIME: u32 = ${count}u;
const ms_ORDER = ms_Rows(${order(count)});

fn ms_most(numbers: ms_Rows) -> f32 {
  return ${count === 2 ? 'max(numbers.x, numbers.y)' : 'max(max(numbers.x, numbers.y), max(numbers.z, numbers.w))'};
}

// The first one whose counterpart is this.
fn ms_pick(numbers: ms_Rows, counterparts: ms_Rows, one: f32) -> f32 {
  return ${range(count - 1).reduceRight((rest, row) => `select(${rest}, numbers.${number(row)}, counterparts.${number(row)} == one)`, `numbers.${number(count - 1)}`)};
}

fn ms_weights_of(leaf: ms_Leaf, row: u32) -> ms_Rows {
  return ms_within(leaf, row) * ms_Rows(${range(count)
    .map((row) => `ms_importance(leaf.component, min(row + ${row}u, leaf.end - 1u))`)
    .join(', ')});
}
`;

/** Two at a time, by every invocation for itself: three or four gain a little on SwiftShader, and lose on llvmpipe. */
const alone: Reading = {
  count: 2,
  text: `${vectors(2)}
fn ms_look(leaf: ms_Leaf, row: u32) -> ms_Look {
  let one = ms_values[ms_ring(row)].xy;
  let other = ms_values[ms_ring(min(row + 1u, leaf.end - 1u))].xy;
  return ms_Look(vec2f(one.x, other.x), vec2f(one.y, other.y));
}
`,
  before: ['let position0 = ms_position(row);', 'let position1 = ms_position(min(row + 1u, leaf.end - 1u));'],
  axis: (array, axis) => `vec2f(${array}[axis${axis} + position0], ${array}[axis${axis} + position1])`,
};

/**
 * Four at a time, a row by each of four neighbours (shaders/lib/reads_by_quads.wgsl): a load takes a software adapter as long as a dozen
 * products.
 */
const byQuads: Reading = {
  count: 4,
  text: `${vectors(4)}
fn ms_of_all(mine: f32) -> vec4f {
  return vec4f(${range(4)
    .map((row) => `quadBroadcast(mine, ${row}u)`)
    .join(', ')});
}

fn ms_look(leaf: ms_Leaf, row: u32) -> ms_Look {
  let mine = ms_values[ms_ring(min(row + ms_turn, leaf.end - 1u))].xy;
  return ms_Look(ms_of_all(mine.x), ms_of_all(mine.y));
}
`,
  before: ['let mine = ms_position(min(row + ms_turn, leaf.end - 1u));'],
  axis: (array, axis) => `ms_of_all(${array}[axis${axis} + mine])`,
};

/** The same of each row at hand, added up. */
const overRows = ({ count }: Reading, term: (row: number) => string): string => range(count).map(term).join(' + ');

/** y = L^-1 (x - mean) of the rows at hand, row by row. */
const whitened = (reading: Reading, axes: readonly number[]): string[] => [
  ...axes.map((i) => `let r${i} = ${reading.axis('ms_points', i)};`),
  ...range(reading.count).flatMap((row) => [
    ...axes.map((i) => `let x${i}_${row} = r${i}.${number(row)} - m${i};`),
    ...axes.map((i) => {
      const terms = range(i + 1).map((j) => `l${entry(i, j)} * x${j}_${row}`);
      return `let y${i}_${row} = ${terms.join(' + ')};`;
    }),
  ]),
];

/** c = count y, coordinate by coordinate, and its sum. */
const counted = (reading: Reading, i: number, sum: string): string[] => [
  ...range(reading.count).map((row) => `let c${i}_${row} = counts.${number(row)} * y${i}_${row};`),
  `${sum} += ${overRows(reading, (row) => `c${i}_${row}`)};`,
];

/** The leaf's rows, some at a time: `counts` is what each counts, nothing past the end. Slopes of rows with no value, which need not be numbers, count as 0. */
const throughRows = (reading: Reading, axes: readonly number[], counts: string, body: readonly string[]): string => `${axes
  .map((i) => `  let axis${i} = ${i}u * ms_chunk.batch_stride;\n`)
  .join('')}  for (var row = leaf.first; row < leaf.end; row += ms_AT_A_TIME) {
    let look = ms_look(leaf, row);
    let weights = ms_weights_of(leaf, row);
    let counts = ${counts};
    if (ms_needed(any(counts != ms_Rows(0.0)))) {
${[...reading.before, ...body].map((line) => `      ${line}\n`).join('')}    }
  }
`;

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

const unlessAlong = `  if (!leaf.there) {
    return;
  }
`;

/** Score estimator: g = sum c y, G = sum c (y y^T - I), c = w (f - mean f), both times n/(n - 1) since the mean is the leaf's own. */
function scoreText(dim: number, reading: Reading): string {
  const axes = range(dim);
  const entries = axes.flatMap((i) => range(i + 1).map((j) => `a${i}_${j}`));
  const sums = [...axes.map((i) => `g${i}`), ...entries];
  return `fn ms_sum_rows(leaf: ms_Leaf, part: u32) {
${copies(dim)}${zeros(sums)}  var total = 0.0;
${throughRows(reading, axes, 'select(ms_Rows(0.0), weights * (look.f - leaf.mean), weights > ms_Rows(0.0))', [
  'total += dot(counts, ms_Rows(1.0));',
  ...whitened(reading, axes),
  ...axes.flatMap((i) => [
    ...counted(reading, i, `g${i}`),
    ...range(i + 1).map((j) => `a${i}_${j} += ${overRows(reading, (row) => `c${i}_${row} * y${j}_${row}`)};`),
  ]),
])}${unlessAlong}${store(sums, 'sums')}  let unbiased = leaf.usable / max(leaf.usable - 1.0, 1.0);
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
function steinText(dim: number, reading: Reading): string {
  const axes = range(dim);
  const entries = axes.flatMap((i) => axes.map((j) => [i, j] as const));
  const products = entries.map(([i, j]) => `a${i}_${j}`);
  const slopes = axes.map((i) => `g${i}`);
  const draws = axes.map((i) => `e${i}`);
  return `fn ms_sum_rows(leaf: ms_Leaf, part: u32) {
${copies(dim)}${zeros([...products, ...slopes, ...draws])}${throughRows(reading, axes, 'weights', [
  ...whitened(reading, axes),
  ...axes.flatMap((i) => counted(reading, i, `e${i}`)),
  'let with_value = look.l != ms_Rows(ms_NO_VALUE);',
  ...axes.flatMap((j) => [
    `let h${j} = select(ms_Rows(0.0), ${reading.axis('ms_row_slopes', j)}, with_value);`,
    `g${j} += dot(counts, h${j});`,
  ]),
  ...entries.map(([i, j]) => `a${i}_${j} += ${overRows(reading, (row) => `c${i}_${row} * h${j}.${number(row)}`)};`),
])}${unlessAlong}${store(products, 'matrix')}${store(slopes, 'gradient')}${store(draws, 'weighted')}  // Rows times L, in place: entry j of a row reads only those from j on. Then the slopes in the same way.
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
export function componentMomentsKernel({ dim, estimator, quads = false }: ComponentMomentsSpec): KernelSource {
  const most = MAX_COMPONENT_DIM[estimator];
  if (dim > most) throw new RangeError(`sums are kept in registers up to d = ${most}, not ${dim}`);
  const stein = estimator === 'stein';
  const reading = quads ? byQuads : alone;
  return compose({
    label: 'moments',
    lanes: COMPONENT_LANES,
    subgroups: quads,
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
    modules: [
      startModule(quads),
      readsModule(quads),
      shared.numbers,
      shared.state,
      ...weightModules(true),
      reading.text,
      stein ? steinText(dim, reading) : scoreText(dim, reading),
      componentMoments,
    ],
  });
}
