/**
 * Solving with components' factors where neighbouring invocations read them for each other (shaders/lib/reads_by_quads.wgsl): a load takes a
 * software adapter as long as five products of vectors. In few dimensions the text of factor-unrolled.ts; in more of them a row of blocks is
 * written out, so that the point's coordinates need no loop either, and rows are gone through in a loop.
 */
import { fromHeld, fromVectors, holdNothing, MAX_UNROLLED_DIM, unrolledFactor, vectorsOf } from './factor-unrolled.ts';
import { byQuads, factor, solve, square } from './texts/blocks.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (list: readonly string[], indent = '  '): string => list.map((line) => `${indent}${line}\n`).join('');
const part = (k: number): string => 'xyzw'[k]!;

/** Vector `v` of those from `at` on, once `quad` of its four is read. */
const given = (v: number): string => `quadBroadcast(q${v >> 2}, ${v & 3}u)`;

/** The neighbours' vectors from `first` on, of `count` in all. */
const quad = (first: number, count: number): string => {
  const place = first + 4 <= count ? `${first}u + ms_turn` : `min(${first}u + ms_turn, ${count - 1}u)`;
  return `let q${first >> 2} = ms_packed[at + ${place}];`;
};

/** Up to {@link MAX_UNROLLED_DIM}: the functions of unrolledFactor. */
function fewFactor(dim: number): string {
  const vectors = vectorsOf(dim);
  const firsts = vectors.filter((v) => v % 4 === 0);
  const reads = ['let at = component * ms_PACKED;', ...firsts.map((v) => quad(v, vectors.length))];
  const solved = fromVectors(dim, [...reads, ...vectors.map((v) => `let p${v} = ${given(v)};`)], (v) => `p${v}`);
  const hold = `var<private> ms_held: array<vec4f, ${vectors.length}>;

fn ms_hold(component: u32) {
${lines([...reads, ...vectors.map((v) => `ms_held[${v}] = ${given(v)};`)])}}
`;
  return unrolledFactor(dim, { solved, held: fromHeld(dim), hold });
}

/**
 * Between: the functions of square_packed.wgsl and solve_packed.wgsl with a row of blocks written out, so that coordinates are not fetched
 * by a variable index.
 */
function rowTexts(dim: number): { square: string; solve: string } {
  const blocks = range(Math.ceil(dim / 4));
  const rows = range(4);
  /** For each block that row `g` of blocks has. */
  const alongRow = (body: (c: number) => string[]): string =>
    lines(
      blocks.flatMap((c) => [
        `if (${c}u <= g) {`,
        `  let mine = ms_packed[at + ${4 * c}u + ms_turn];`,
        ...rows.map((r) => `  let row${r} = quadBroadcast(mine, ${r}u);`),
        ...body(c).map((line) => `  ${line}`),
        '}',
      ]),
      '    ',
    );
  const throughRows = (row: string): string => `  for (var g = 0u; g < ms_BLOCK_ROWS; g++) {
    let at = component * ms_PACKED + 1u + ms_BLOCK_ROWS + 2u * g * (g + 1u);
${row}  }
`;
  const solved = (keep: readonly string[]): string => `${lines(
    blocks.flatMap((c) => [
      `let centre${c} = ms_packed[component * ms_PACKED + ${1 + c}u];`,
      ...rows.map((k) => `let d${4 * c + k} = (*x)[${4 * c + k}] - ms_all(centre${c}.${part(k)});`),
    ]),
  )}  var square = ms_all(0.0);
${throughRows(
  `${lines(
    rows.map((r) => `var sum${r} = ms_all(0.0);`),
    '    ',
  )}${alongRow((c) => rows.map((r) => `sum${r} += ${rows.map((k) => `row${r}.${part(k)} * d${4 * c + k}`).join(' + ')};`))}${lines(keep, '    ')}    square += ${rows.map((r) => `ms_times(sum${r}, sum${r})`).join(' + ')};
`,
)}  return square;
`;
  const squareText = `fn ms_square(component: u32, x: ptr<function, ms_Points>) -> ms_Group {
${solved([])}}
`;
  return {
    square: squareText,
    solve: `fn ms_whiten(component: u32, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>) -> ms_Group {
${solved(rows.map((r) => `(*y)[4u * g + ${r}u] = sum${r};`))}}

fn ms_add_precision_times(component: u32, y: ptr<function, ms_Points>, weight: ms_Group, keep: ms_Group, into: ptr<function, ms_Points>) {
  for (var i = 0u; i < DIM; i++) {
    (*into)[i] = ms_times(keep, (*into)[i]);
  }
${throughRows(
  `${lines(
    rows.map((r) => `let y${r} = ms_times(weight, (*y)[4u * g + ${r}u]);`),
    '    ',
  )}${alongRow((c) => rows.map((k) => `(*into)[${4 * c + k}] += ${rows.map((r) => `row${r}.${part(k)} * y${r}`).join(' + ')};`))}`,
)}}
`,
  };
}

/**
 * Placing where a subgroup's samples are all of one component, as they mostly are: its L by quads, rows in a loop. Sums in the order of the
 * loops that others take, since a sample's neighbours must not change its bits.
 */
function placeText(dim: number): string {
  const fours = range(Math.ceil(dim / 4));
  const rows = range(4);
  return `fn ms_place(component: u32, eps: ptr<function, ms_Points>, scale: f32) -> ms_Points {
  if (!subgroupAll(component == subgroupBroadcastFirst(component))) {
    return ms_place_alone(component, eps, scale);
  }
  let mean = ms_mean_of(component);
${lines(fours.flatMap((c) => rows.map((k) => `let e${4 * c + k} = (*eps)[${4 * c + k}];`)))}  var x: ms_Points;
  for (var i = 0u; i < DIM; i++) {
    let at = component * 2u * ms_FACTOR + i * (i + 1u) / 2u;
    var sum = ms_all(0.0);
${lines(
  fours.flatMap((c) => [
    `if (${4 * c}u <= i) {`,
    `  let j = ${4 * c}u + ms_turn;`,
    '  let mine = select(0.0, ms_factors[at + min(j, i)], j <= i);',
    `  sum = sum + ${rows.map((k) => `quadBroadcast(mine, ${k}u) * e${4 * c + k}`).join(' + ')};`,
    '}',
  ]),
  '    ',
)}    x[i] = ms_all(ms_components[mean + i]) + scale * sum;
  }
  return x;
}
`;
}

/**
 * Beyond, rows take too long to compile, of kernels with gradients and without. At d = 100 they are 1.4 times as fast as loops on llvmpipe, and
 * 0.94 times on SwiftShader.
 */
const MAX_SOLVED_ROW_DIM = 64;
const MAX_SQUARE_ROW_DIM = 100;

export function quadFactor(dim: number): string {
  if (dim <= MAX_UNROLLED_DIM) return fewFactor(dim);
  const rows = rowTexts(dim);
  const placed = dim <= MAX_SQUARE_ROW_DIM;
  return [
    placed ? factor.replace(/\bms_place\b/, 'ms_place_alone') : factor,
    ...(placed ? [placeText(dim)] : []),
    holdNothing,
    dim <= MAX_SQUARE_ROW_DIM ? rows.square : square,
    ...(dim <= MAX_SOLVED_ROW_DIM ? [rows.solve] : [byQuads, solve]),
  ].join('\n');
}
