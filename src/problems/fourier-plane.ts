/** Discrete Fourier transforms of square complex arrays in float64, in place; the size is a power of two. Radix 2. */
export class FourierPlane {
  readonly #size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** Bits of an index in reverse. */
  readonly #reversed: Int32Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(size: number) {
    const bits = Math.log2(size);
    this.#size = size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, m) => Math.cos((2 * Math.PI * m) / size));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, m) => Math.sin((2 * Math.PI * m) / size));
    this.#reversed = Int32Array.from({ length: size }, (_, i) => {
      let reversed = 0;
      for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
      return reversed;
    });
    this.#re = new Float64Array(size);
    this.#im = new Float64Array(size);
  }

  /** `X(k, l) = sum exp(sign 2 pi i (j k + m l) / size) x(j, m)`, without a factor. */
  transform(re: Float64Array, im: Float64Array, sign: 1 | -1): void {
    for (let i = 0; i < this.#size; i++) this.#line(re, im, i * this.#size, 1, sign);
    for (let j = 0; j < this.#size; j++) this.#line(re, im, j, this.#size, sign);
  }

  #line(re: Float64Array, im: Float64Array, first: number, stride: number, sign: number): void {
    const size = this.#size;
    const [lineRe, lineIm] = [this.#re, this.#im];
    for (let i = 0; i < size; i++) {
      const at = first + stride * this.#reversed[i];
      lineRe[i] = re[at];
      lineIm[i] = im[at];
    }
    for (let half = 1; half < size; half *= 2) {
      const turn = size / (2 * half);
      for (let m = 0; m < half; m++) {
        const c = this.#cos[m * turn];
        const s = sign * this.#sin[m * turn];
        for (let low = m; low < size; low += 2 * half) {
          const high = low + half;
          const turnedRe = c * lineRe[high] - s * lineIm[high];
          const turnedIm = c * lineIm[high] + s * lineRe[high];
          lineRe[high] = lineRe[low] - turnedRe;
          lineIm[high] = lineIm[low] - turnedIm;
          lineRe[low] += turnedRe;
          lineIm[low] += turnedIm;
        }
      }
    }
    for (let i = 0; i < size; i++) {
      re[first + stride * i] = lineRe[i];
      im[first + stride * i] = lineIm[i];
    }
  }
}
