/**
 * Normal numbers on one thread, as cheap as they come: xoshiro128+ and a ziggurat of 256 layers (Marsaglia and Tsang 2000). The layer
 * takes the low eight bits and the number the upper 24, so that the two are independent (Doornik 2005).
 */

const LAYERS = 256;
/** Where the tail begins, and the area of every layer (Marsaglia and Tsang's for 256 layers). */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;
const SIGNED = 2 ** -23;

/** By layer: its width as a multiple of a signed 24-bit integer, the largest of these inside the next layer, and the density at its edge. */
const widths = new Float64Array(LAYERS);
const inside = new Int32Array(LAYERS);
const heights = new Float64Array(LAYERS + 1);
{
  const density = (x: number) => Math.exp(-0.5 * x * x);
  const edges = new Float64Array(LAYERS + 1);
  edges[0] = AREA / density(TAIL);
  edges[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) edges[i] = Math.sqrt(-2 * Math.log(AREA / edges[i - 1]! + density(edges[i - 1]!)));
  for (let i = 0; i < LAYERS; i++) {
    widths[i] = edges[i]! * SIGNED;
    inside[i] = Math.floor(edges[i + 1]! / edges[i]! / SIGNED);
    heights[i] = density(edges[i]!);
  }
  heights[0] = 0; // the lowest layer is never left upwards, but into the tail
  heights[LAYERS] = 1;
}

export class PlainNormals {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    const words = Array.from({ length: 4 }, (_, i) => mixed(seed + i * 0x9e3779b9));
    [this.#a, this.#b, this.#c, this.#d] = words as [number, number, number, number];
  }

  /** Fills the first `count` numbers. */
  fill(numbers: Float32Array, count: number): void {
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let i = 0; i < count; ) {
      const bits = (a + d) | 0;
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = (d << 11) | (d >>> 21);
      const layer = bits & 255;
      const signed = bits >> 8;
      if (Math.abs(signed) < inside[layer]!) {
        numbers[i++] = signed * widths[layer]!;
        continue;
      }
      // One draw in about eighty comes here: the edge of a layer, or the tail.
      this.#a = a;
      this.#b = b;
      this.#c = c;
      this.#d = d;
      const edge = this.#atEdge(layer, signed);
      a = this.#a;
      b = this.#b;
      c = this.#c;
      d = this.#d;
      if (!Number.isNaN(edge)) numbers[i++] = edge;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** NaN where the point lies outside of the density. */
  #atEdge(layer: number, signed: number): number {
    if (layer === 0) {
      let beyond: number;
      let height: number;
      do {
        beyond = -Math.log(this.#uniform()) / TAIL;
        height = -Math.log(this.#uniform());
      } while (2 * height < beyond * beyond);
      return signed < 0 ? -TAIL - beyond : TAIL + beyond;
    }
    const x = signed * widths[layer]!;
    const low = heights[layer]!;
    return low + this.#uniform() * (heights[layer + 1]! - low) < Math.exp(-0.5 * x * x) ? x : Number.NaN;
  }

  /** In (0, 1). */
  #uniform(): number {
    const bits = (this.#a + this.#d) | 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return ((bits >>> 8) + 0.5) * 2 ** -24;
  }
}

/** One 32-bit word from another (the finaliser of MurmurHash3). */
function mixed(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 1;
}
