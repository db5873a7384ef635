/**
 * Random numbers on the host, by the same Philox4x32-10 counters as on the GPU (shaders/lib/philox.wgsl): for starts, which are
 * chosen once a wave.
 */

/** Purposes, as in the shader; the host uses those from `initialise` on. */
export const purpose = { draw: 0, choice: 1, nodes: 2, adapt: 3, restart: 4, initialise: 5 } as const;

const SHARED = 0xffffffff;

/** The high word of a 32 x 32 bit product. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const cross = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = (cross % 65536) + a0 * b1;
  return (a1 * b1 + Math.floor(cross / 65536) + Math.floor(carry / 65536)) >>> 0;
}

export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, Math.imul(0xcd9e8d57, c2) >>> 0, (high0 ^ c3 ^ k1) >>> 0, Math.imul(0xd2511f53, c0) >>> 0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** A seed in [0, 2^53) as a Philox key. */
export const seedKey = (seed: number): [number, number] => [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];

/** A stream of numbers for one purpose; `index` tells streams of the same purpose apart (the wave, say). */
export class RandomStream {
  readonly #key: readonly [number, number];
  readonly #purpose: number;
  readonly #index: number;
  #block = 0;
  #left: number[] = [];

  constructor(seed: number, purposeNumber: number, index = 0) {
    this.#key = seedKey(seed);
    this.#purpose = purposeNumber;
    this.#index = index;
  }

  #word(): number {
    if (this.#left.length === 0) {
      // Block numbers beyond 16 bits go on in the sample word.
      const block = this.#block++;
      this.#left = philox([(block & 0xffff) | (this.#purpose << 16), Math.floor(block / 65536), SHARED, this.#index], this.#key).reverse();
    }
    return this.#left.pop()!;
  }

  /** In (0, 1). */
  uniform(): number {
    return (this.#word() + 0.5) / 2 ** 32;
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
