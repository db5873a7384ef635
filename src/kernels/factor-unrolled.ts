/**
 * shaders/lib/factor_full.wgsl (or factor_packed.wgsl) and the draw of normals written out for one dimension: in what is done once a
 * component no loops and no indexed private arrays, which drivers keep in memory (engineering: 7 times the log density at d = 10 on a
 * software adapter), but for what a loop fills once. For small d only: the text grows with d^2. The same functions; sums are grouped otherwise.
 */

/** Up to here the text is written out. A fixed rule: part of a result's bits. */
export const MAX_UNROLLED_DIM = 16;

const range = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);
const triangle = (i: number, j: number): number => (i * (i + 1)) / 2 + j;
const entry = (i: number, j: number): string => `ms_factors[at + ${triangle(i, j)}u]`;
const lines = (list: readonly string[]): string => list.map((line) => `  ${line}\n`).join('');
const sum = (terms: readonly string[]): string => terms.join(' + ');

/** How the text reads a component's mean and L^-1: number by number, or out of vectors: that it loads first, or that are held. */
export interface Inverse {
  /** Lines that come before: `at`, and vectors. */
  before: readonly string[];
  mean: (i: number) => string;
  entry: (i: number, j: number) => string;
}

const fromFactors: Inverse = {
  before: ['let mean = ms_mean_of(component);', 'let at = component * 2u * ms_FACTOR + ms_FACTOR;'],
  mean: (i) => `ms_components[mean + ${i}u]`,
  entry,
};

/** Vectors of a component as shaders/lib/pack_unrolled.wgsl lays its numbers out: head, mean, L^-1. */
export const vectorsOf = (dim: number): number[] => range(Math.ceil((3 + dim + triangle(dim, 0)) / 4));

/** Numbers out of vectors with these names. */
export const fromVectors = (dim: number, before: readonly string[], name: (v: number) => string): Inverse => {
  const number = (n: number): string => `${name(n >> 2)}.${'xyzw'[n & 3]}`;
  return { before, mean: (i) => number(3 + i), entry: (i, j) => number(3 + dim + triangle(i, j)) };
};

const fromPacked = (dim: number): Inverse =>
  fromVectors(dim, ['let at = component * ms_PACKED;', ...vectorsOf(dim).map((v) => `let p${v} = ms_packed[at + ${v}u];`)], (v) => `p${v}`);

/** Loads of a uniform take a software adapter long, to compile too: what uses a component twice has it held in between. */
export const fromHeld = (dim: number): Inverse => fromVectors(dim, [], (v) => `ms_held[${v}]`);

/** `ms_hold`, which must come before `ms_whiten` and `ms_add_precision_times` of a component: where they read its numbers out of memory at each use. */
export const holdNothing = `fn ms_hold(component: u32) {
}
`;

/** `ms_hold` keeps what they read. */
const holdPacked = (dim: number): string => `var<private> ms_held: array<vec4f, ${vectorsOf(dim).length}>;

fn ms_hold(component: u32) {
  let at = component * ms_PACKED;
  for (var v = 0u; v < ${vectorsOf(dim).length}u; v++) {
    ms_held[v] = ms_packed[at + v];
  }
}
`;

const headOfComponents = `fn ms_head(component: u32) -> vec4f {
  let record = component * ms_RECORD;
  return vec4f(ms_components[record + ms_LOG_NORM], ms_components[record + ms_LOG_WEIGHT], ms_components[record + ms_LOG_SHARE], 0.0);
}
`;

const headOfPacked = `const ms_PACKED: u32 = (3u + DIM + ms_FACTOR + 3u) / 4u;

fn ms_head(component: u32) -> vec4f {
  return ms_packed[component * ms_PACKED];
}
`;

/** How the text reads the mean and L of an invocation's own component, and lines that come before. */
interface Own {
  mean: (i: number) => string;
  entry: (i: number, j: number) => string;
  beforeMean: string;
  before: string;
}

const ownFromMemory: Own = {
  mean: (i) => `ms_components[ms_mean_of(component) + ${i}u]`,
  entry: (i, j) => `ms_factors[component * 2u * ms_FACTOR + ${triangle(i, j)}u]`,
  beforeMean: '',
  before: '',
};

/** By way of arrays that loops fill: a load in the text takes drivers ten times as long to compile as the product it is for. */
const ownFromArrays: Own = {
  mean: (i) => `mean[${i}]`,
  entry: (i, j) => `factor[${triangle(i, j)}]`,
  beforeMean: `  var mean: Point;
  for (var i = 0u; i < DIM; i++) {
    mean[i] = ms_components[ms_mean_of(component) + i];
  }
`,
  before: `  var factor: array<f32, ms_FACTOR>;
  for (var p = 0u; p < ms_FACTOR; p++) {
    factor[p] = ms_factors[component * 2u * ms_FACTOR + p];
  }
`,
};

/**
 * Beyond, groups of samples with packed parameters take the arrays: products in a loop over rows, which compile as fast, are as slow at d = 16. At d = 10 they would save
 * a quarter of what SwiftShader takes to compile and cost 3 % of an iteration, 7 % of one whose samples are taken alone.
 */
const MAX_FROM_MEMORY_DIM = 10;

/** How packed parameters are read: for one solve, and where `ms_hold` has them held. */
export interface Packing {
  solved: Inverse;
  held: Inverse;
  hold: string;
}

export const ownPacking = (dim: number): Packing => ({ solved: fromPacked(dim), held: fromHeld(dim), hold: holdPacked(dim) });

const unpacked: Packing = { solved: fromFactors, held: fromFactors, hold: holdNothing };

/** `ms_whiten` and `ms_add_precision_times` are of the component held. Without `packing` all is read from the records. */
export function unrolledFactor(dim: number, packing?: Packing): string {
  const all = range(dim);
  const { solved, held, hold } = packing ?? unpacked;
  const packed = packing !== undefined;
  const own = packed && dim > MAX_FROM_MEMORY_DIM ? ownFromArrays : ownFromMemory;
  const solve = ({ before, mean, entry }: Inverse): string =>
    lines([
      ...before,
      ...all.map((i) => `let d${i} = (*x)[${i}] - ms_all(${mean(i)});`),
      ...all.map((i) => `let y${i} = ${sum(range(i + 1).map((j) => `${entry(i, j)} * d${j}`))};`),
    ]);
  const square = sum(all.map((i) => `ms_times(y${i}, y${i})`));
  const vector = (name: string): string => lines(all.map((i) => `let v${i} = (*${name})[${i}];`));
  return `const ms_FACTOR: u32 = ${triangle(dim, 0)}u;
${packed ? headOfPacked : headOfComponents}
${hold}
fn ms_mean_of(component: u32) -> u32 {
  return component * ms_RECORD + ms_MEAN;
}

fn ms_place(component: u32, eps: ptr<function, ms_Points>, scale: f32) -> ms_Points {
${own.before}${own.beforeMean}  var x: ms_Points;
${vector('eps')}${lines(
  all.map((i) => `x[${i}] = ms_all(${own.mean(i)}) + scale * (${sum(range(i + 1).map((j) => `${own.entry(i, j)} * v${j}`))});`),
)}  return x;
}

fn ms_whiten(component: u32, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>) -> ms_Group {
${solve(held)}${lines(all.map((i) => `(*y)[${i}] = y${i};`))}  return ${square};
}

fn ms_square(component: u32, x: ptr<function, ms_Points>) -> ms_Group {
${solve(solved)}  return ${square};
}

fn ms_add_precision_times(component: u32, y: ptr<function, ms_Points>, weight: ms_Group, keep: ms_Group, into: ptr<function, ms_Points>) {
${lines(held.before)}${lines(all.map((i) => `let y${i} = ms_times(weight, (*y)[${i}]);`))}${lines(
  all.map((j) => `(*into)[${j}] = ms_times(keep, (*into)[${j}]) + ${sum(range(dim - j, j).map((i) => `${held.entry(i, j)} * y${i}`))};`),
)}}

fn ms_whiten_gradient(component: u32, gradient: ptr<function, ms_Points>) {
${own.before}${vector('gradient')}${lines(
  all.map((j) => `(*gradient)[${j}] = ${sum(range(dim - j, j).map((i) => `${own.entry(i, j)} * v${i}`))};`),
)}}
`;
}

export function unrolledNormals(dim: number): string {
  const blocks = range(Math.ceil(dim / 4));
  return `fn ms_draw_normals(sample: u32, component: u32) -> Point {
  var eps: Point;
${lines(
  blocks.flatMap((block) => [
    `let z${block} = ms_normals(ms_random(${block}u, ms_PURPOSE_DRAW, sample, component, ms_control.round, ms_params.seed));`,
    ...range(Math.min(4, dim - 4 * block)).map((lane) => `eps[${4 * block + lane}] = z${block}.${'xyzw'[lane]};`),
  ]),
)}  return eps;
}
`;
}

/** shaders/lib/draw_group.wgsl with the dimensions written out: pairs of normals that no coordinate takes are not made. */
export function unrolledGroupDraws(dim: number, size: 2 | 4 | 8): string {
  const draw = (block: number): string[] => {
    const pairs = range(Math.min(2, Math.ceil((dim - 4 * block) / 2)));
    return [
      `let words${block} = ms_random_each(${block}u, samples, place.component);`,
      ...pairs.flatMap((pair) => {
        const row = 4 * block + 2 * pair;
        return [
          `let normals${row} = ms_normals_each(words${block}[${2 * pair}], words${block}[${2 * pair + 1}]);`,
          ...range(Math.min(2, dim - row)).map((i) => `ms_put_four(y, ${row + i}u, four, normals${row}[${i}]);`),
        ];
      }),
    ];
  };
  return `fn ms_draw_group(place: ms_GroupPlace, y: ptr<function, ms_Points>) {
  for (var four = 0u; four < ${Math.ceil(size / 4)}u; four++) {
    let samples = ms_four_samples(place, 4u * four);
${lines(range(Math.ceil(dim / 4)).flatMap(draw))}  }
}
`;
}
