/** The discrete Fourier transform by its definition, in float64. */

export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** `X_k = sum_j exp(sign 2 pi i j k / n) x_j` of every line along the middle axis of an array [outer][size][inner]. */
export function dft({ re, im }: Complex, outer: number, size: number, inner: number, sign: 1 | -1): Complex {
  const cos = Array.from({ length: size }, (_, m) => Math.cos((2 * Math.PI * m) / size));
  const sin = Array.from({ length: size }, (_, m) => sign * Math.sin((2 * Math.PI * m) / size));
  const out = { re: new Float64Array(re.length), im: new Float64Array(im.length) };
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (j: number) => (o * size + j) * inner + i;
      for (let k = 0; k < size; k++) {
        for (let j = 0; j < size; j++) {
          const m = (j * k) % size;
          out.re[at(k)] += cos[m] * re[at(j)] - sin[m] * im[at(j)];
          out.im[at(k)] += cos[m] * im[at(j)] + sin[m] * re[at(j)];
        }
      }
    }
  }
  return out;
}
