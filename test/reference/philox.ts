/** Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011) in exact integers. */
export type Words4 = [number, number, number, number];
export type Words2 = readonly [number, number];

const low = (x: bigint): bigint => x & 0xffffffffn;
const high = (x: bigint): bigint => x >> 32n;

export function philox(counter: Readonly<Words4>, key: Words2): Words4 {
  let [c0, c1, c2, c3] = counter.map(BigInt);
  let [k0, k1] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [high(product1) ^ c1 ^ k0, low(product1), high(product0) ^ c3 ^ k1, low(product0)];
    k0 = low(k0 + 0x9e3779b9n);
    k1 = low(k1 + 0xbb67ae85n);
  }
  return [c0, c1, c2, c3].map(Number) as Words4;
}

/** Published with the Random123 library (kat_vectors): [counter, key, result]. */
export const knownAnswers: readonly (readonly [Words4, Words2, Words4])[] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

/** What a stream is for (DESIGN section 3). */
export const purpose = { draw: 0, choice: 1 } as const;
export const SHARED = 0xffffffff;

/** The four words of one block of a stream: counter = (block | purpose << 16, sample, component, round), key = the seed. */
export const randomWords = (block: number, purpose: number, sample: number, component: number, round: number, seed: Words2): Words4 =>
  philox([(block | (purpose << 16)) >>> 0, sample, component, round], seed);
