/**
 * The initial vorticity of the Navier-Stokes problem as a sum of Fourier modes, `w0 = sum theta_i phi_i`, `phi = sin(k.x)` or
 * `cos(k.x)` over `sqrt(2) pi |k|^2`; formulas sheet `kalman.md` section 5.8.
 */
import { OptionError } from '../gpu/errors.ts';

export interface Mode {
  readonly kx: number;
  readonly ky: number;
  /** Sine where `ky > 0` or (`ky = 0` and `kx > 0`), else cosine: k and -k together carry the two phases. */
  readonly sine: boolean;
  /** `1 / (sqrt(2) pi |k|^2)` */
  readonly amplitude: number;
}

/** The first `unknowns` modes: by |k|^2, then by kx, then by ky. 128 are all those with |k|^2 <= 40. */
export function initialModes(unknowns: number): readonly Mode[] {
  return ordered.slice(0, unknowns);
}

const ordered: readonly Mode[] = (() => {
  const reach = 12;
  const modes: Mode[] = [];
  for (let kx = -reach; kx <= reach; kx++) {
    for (let ky = -reach; ky <= reach; ky++) {
      const square = kx * kx + ky * ky;
      // Beyond the circle the square of wave numbers is not complete.
      if (square === 0 || square > reach * reach) continue;
      modes.push({ kx, ky, sine: ky > 0 || (ky === 0 && kx > 0), amplitude: 1 / (Math.SQRT2 * Math.PI * square) });
    }
  }
  return modes.sort((a, b) => a.kx ** 2 + a.ky ** 2 - b.kx ** 2 - b.ky ** 2); // stable
})();

/** How many modes there are to choose from. */
export const MAX_UNKNOWNS = ordered.length;

/**
 * The unknowns of `-w0(2 pi - x, y)`, which give the same data as those of `w0`: forcing and observations are unchanged by this
 * reflection. An involution.
 * @throws OptionError when the last shell of modes lacks a reflected one.
 */
export function mirrored(theta: ArrayLike<number>): Float64Array {
  const modes = initialModes(theta.length);
  const numbers = new Map(modes.map(({ kx, ky }, i) => [`${kx} ${ky}`, i]));
  return Float64Array.from(modes, ({ kx, ky, sine }, i) => {
    if (ky === 0) return sine ? theta[i] : -theta[i];
    const other = numbers.get(`${-kx} ${ky}`);
    if (other === undefined) throw new OptionError(`${theta.length} unknowns cannot be reflected: mode (${-kx}, ${ky}) is not among them`);
    return -theta[other];
  });
}

/** The initial vorticity on a grid, row by row: number `i * grid + j` at `x = 2 pi i / grid`, `y = 2 pi j / grid`. */
export function vorticity(theta: ArrayLike<number>, grid: number): Float64Array {
  const cos = Array.from({ length: grid }, (_, m) => Math.cos((2 * Math.PI * m) / grid));
  const sin = Array.from({ length: grid }, (_, m) => Math.sin((2 * Math.PI * m) / grid));
  const field = new Float64Array(grid * grid);
  for (const [n, { kx, ky, sine, amplitude }] of initialModes(theta.length).entries()) {
    const wave = sine ? sin : cos;
    for (let i = 0; i < grid; i++) {
      for (let j = 0; j < grid; j++) {
        const turns = (((kx * i + ky * j) % grid) + grid) % grid;
        field[i * grid + j] += amplitude * theta[n] * wave[turns];
      }
    }
  }
  return field;
}

/** Relative error of the initial vorticity in L2: `|w0(theta) - w0(truth)| / |w0(truth)|`. */
export function vorticityError(theta: ArrayLike<number>, truth: ArrayLike<number>): number {
  let error = 0;
  let size = 0;
  // The modes are orthogonal, sines and cosines of the same norm.
  for (const [i, { amplitude }] of initialModes(truth.length).entries()) {
    error += (amplitude * (theta[i] - truth[i])) ** 2;
    size += (amplitude * truth[i]) ** 2;
  }
  return Math.sqrt(error / size);
}
