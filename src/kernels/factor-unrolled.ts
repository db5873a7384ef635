/**
 * shaders/lib/factor_full.wgsl and the draw of normals written out for one dimension: no loops and no indexed private arrays, which
 * drivers keep in memory (engineering: 7 times the log density at d = 10 on a software adapter). For small d only: the text grows
 * with d^2. The same functions; sums are grouped otherwise.
 */

/** Up to here the text is written out. A fixed rule: part of a result's bits. */
export const MAX_UNROLLED_DIM = 16;

const range = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);
const packed = (i: number, j: number): string => `${(i * (i + 1)) / 2 + j}u`;
const lines = (list: readonly string[]): string => list.map((line) => `  ${line}\n`).join('');

export function unrolledFactor(dim: number): string {
  const all = range(dim);
  const sum = (terms: readonly string[]): string => terms.join(' + ');
  return `const ms_FACTOR: u32 = ${(dim * (dim + 1)) / 2}u;

fn ms_mean_of(component: u32) -> u32 {
  return component * ms_RECORD + ms_MEAN;
}

// x = mean + scale L eps
fn ms_place(component: u32, eps: ptr<function, Point>, scale: f32) -> Point {
  let mean = ms_mean_of(component);
  let at = component * 2u * ms_FACTOR;
  var x: Point;
${lines(all.map((i) => `let e${i} = (*eps)[${i}];`))}${lines(
  all.map(
    (i) => `x[${i}] = ms_components[mean + ${i}u] + scale * (${sum(range(i + 1).map((j) => `ms_factors[at + ${packed(i, j)}] * e${j}`))});`,
  ),
)}  return x;
}

// y = L^-1 (x - mean); returns |y|^2
fn ms_whiten(component: u32, x: ptr<function, Point>, y: ptr<function, Point>) -> f32 {
  let mean = ms_mean_of(component);
  let at = component * 2u * ms_FACTOR + ms_FACTOR;
${lines(all.map((i) => `let d${i} = (*x)[${i}] - ms_components[mean + ${i}u];`))}${lines(
  all.map((i) => `let y${i} = ${sum(range(i + 1).map((j) => `ms_factors[at + ${packed(i, j)}] * d${j}`))};`),
)}${lines(all.map((i) => `(*y)[${i}] = y${i};`))}  return ${sum(all.map((i) => `y${i} * y${i}`))};
}

// into += weight L^-T y
fn ms_add_precision_times(component: u32, y: ptr<function, Point>, weight: f32, into: ptr<function, Point>) {
  let at = component * 2u * ms_FACTOR + ms_FACTOR;
${lines(all.map((i) => `let y${i} = weight * (*y)[${i}];`))}${lines(
  all.map((j) => `(*into)[${j}] += ${sum(range(dim - j, j).map((i) => `ms_factors[at + ${packed(i, j)}] * y${i}`))};`),
)}}

// gradient <- L^T gradient
fn ms_whiten_gradient(component: u32, gradient: ptr<function, Point>) {
  let at = component * 2u * ms_FACTOR;
${lines(all.map((i) => `let g${i} = (*gradient)[${i}];`))}${lines(
  all.map((j) => `(*gradient)[${j}] = ${sum(range(dim - j, j).map((i) => `ms_factors[at + ${packed(i, j)}] * g${i}`))};`),
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
