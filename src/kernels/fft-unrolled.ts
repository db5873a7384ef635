/**
 * The discrete Fourier transform of one line of complex numbers, written out: no loops and no indexed private arrays, which drivers
 * keep in memory. One invocation transforms one line; there is no barrier. Split radix, about 4 n log2 n - 6 n operations
 * (P. Duhamel and H. Hollmann, Electronics Letters 20, 1984).
 */

/** Beyond this the text, and what an invocation keeps, get too long. */
export const MAX_LINE = 128;

/** Statements for every number of 0 .. count - 1. */
export const unrolled = (count: number, statement: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `  ${statement(i)}\n`).join('');

/**
 * `ms_Line` and `ms_transform(line)`: in place `X_k = sum_j exp(+2 pi i j k / n) x_j`, natural order, no factor. The transform with
 * the other sign is the same between two exchanges of real and imaginary parts.
 */
export function lineTransform(size: number): string {
  const statements: string[] = [];
  const put = (expression: string): string => {
    statements.push(`let t${statements.length} = ${expression};`);
    return `t${statements.length - 1}`;
  };
  /** z exp(2 pi i turns / n) for turns below a quarter or, from the third powers, below three quarters. */
  const rotated = (z: string, turns: number, n: number): string => {
    if (turns === 0) return z;
    if (8 * turns === n) return put(`${HALF_ROOT} * vec2f(${z}.x - ${z}.y, ${z}.x + ${z}.y)`);
    if (8 * turns === 3 * n) return put(`${-HALF_ROOT} * vec2f(${z}.x + ${z}.y, ${z}.y - ${z}.x)`);
    const angle = (2 * Math.PI * turns) / n;
    const [c, s] = [Math.cos(angle), Math.sin(angle)].map((value) => value.toFixed(12));
    return put(`vec2f(${c} * ${z}.x - ${s} * ${z}.y, ${c} * ${z}.y + ${s} * ${z}.x)`);
  };
  const transform = (x: readonly string[]): string[] => {
    const n = x.length;
    if (n === 1) return [...x];
    if (n === 2) return [put(`${x[0]} + ${x[1]}`), put(`${x[0]} - ${x[1]}`)];
    const even = transform(x.filter((_, j) => j % 2 === 0));
    const first = transform(x.filter((_, j) => j % 4 === 1));
    const third = transform(x.filter((_, j) => j % 4 === 3));
    const out = new Array<string>(n);
    for (let k = 0; k < n / 4; k++) {
      const a = rotated(first[k], k, n);
      const b = rotated(third[k], 3 * k, n);
      const sum = put(`${a} + ${b}`);
      const difference = put(`${a} - ${b}`);
      const turned = put(`vec2f(-${difference}.y, ${difference}.x)`);
      out[k] = put(`${even[k]} + ${sum}`);
      out[k + n / 2] = put(`${even[k]} - ${sum}`);
      out[k + n / 4] = put(`${even[k + n / 4]} + ${turned}`);
      out[k + (3 * n) / 4] = put(`${even[k + n / 4]} - ${turned}`);
    }
    return out;
  };
  const result = transform(Array.from({ length: size }, (_, j) => put(`(*line)[${j}]`)));
  return `alias ms_Line = array<vec2f, ${size}>;

fn ms_transform(line: ptr<function, ms_Line>) {
${statements.map((statement) => `  ${statement}\n`).join('')}${unrolled(size, (k) => `(*line)[${k}] = ${result[k]};`)}}
`;
}

const HALF_ROOT = Math.SQRT1_2;
