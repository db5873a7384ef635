/**
 * The log-permeability of Darcy flow as a cosine series: log a = sum of theta_l sqrt(lambda_l) psi_l with lambda_l = (pi^2 |l|^2 +
 * 9)^-2 and psi_l = sqrt 2 cos, or 2 cos cos where neither frequency is 0 (formulas sheet `kalman.md` section 5.6).
 */

export interface DarcyMode {
  /** Frequencies along x1 and x2. */
  readonly l1: number;
  readonly l2: number;
  /** sqrt(lambda_l) times the norm of psi_l. */
  readonly scale: number;
}

/** The first modes by |l|^2, then by l1; l = 0 is none. The order of the first ones does not depend on how many there are. */
export function darcyModes(count: number): DarcyMode[] {
  // A quarter disc of radius r holds at least (r - 1)^2 pi / 4 of them.
  const most = Math.ceil(Math.sqrt((4 * count) / Math.PI)) + 2;
  const pairs = Array.from({ length: (most + 1) ** 2 - 1 }, (_, k) => [Math.floor((k + 1) / (most + 1)), (k + 1) % (most + 1)]);
  return pairs
    .sort(([a1, a2], [b1, b2]) => a1 * a1 + a2 * a2 - (b1 * b1 + b2 * b2) || a1 - b1)
    .slice(0, count)
    .map(([l1, l2]) => ({
      l1,
      l2,
      scale: (l1 === 0 || l2 === 0 ? Math.SQRT2 : 2) / (Math.PI ** 2 * (l1 * l1 + l2 * l2) + 9),
    }));
}

export const highestFrequency = (modes: readonly DarcyMode[]): number => Math.max(...modes.map(({ l1, l2 }) => Math.max(l1, l2)));

/** cos(pi l x) on a grid's nodes: `frequencies` numbers a node. */
export function cosineTable(nodes: number, frequencies: number): Float64Array {
  const table = new Float64Array(nodes * frequencies);
  for (let i = 0; i < nodes; i++) {
    for (let l = 0; l < frequencies; l++) table[i * frequencies + l] = Math.cos((Math.PI * l * i) / (nodes - 1));
  }
  return table;
}

/** The parameters of the permeability mirrored in x1: the sign of each odd mode in x1 turns. Observations stay what they are. */
export function mirrored(theta: ArrayLike<number>): Float64Array {
  const modes = darcyModes(theta.length);
  return Float64Array.from(modes, ({ l1 }, m) => (l1 % 2 === 1 ? -theta[m] : theta[m]));
}

/** The permeability a on `nodes` by `nodes` points of the unit square, x1 fastest. */
export function permeability(theta: ArrayLike<number>, nodes: number): Float64Array {
  const modes = darcyModes(theta.length);
  const frequencies = highestFrequency(modes) + 1;
  const cosines = cosineTable(nodes, frequencies);
  const field = new Float64Array(nodes * nodes);
  const amplitudes = new Float64Array(frequencies);
  for (let y = 0; y < nodes; y++) {
    amplitudes.fill(0);
    for (const [m, { l1, l2, scale }] of modes.entries()) amplitudes[l1] += theta[m] * scale * cosines[y * frequencies + l2];
    for (let x = 0; x < nodes; x++) {
      let log = 0;
      for (let l = 0; l < frequencies; l++) log += amplitudes[l] * cosines[x * frequencies + l];
      field[y * nodes + x] = Math.exp(log);
    }
  }
  return field;
}
