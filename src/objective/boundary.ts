/** From search to user coordinates in float64, as shaders/lib/boundary_*.wgsl do it in float32. */
import type { Boundary } from '../kernels/compose.ts';
import type { SearchBox } from './box.ts';

export type { Boundary } from '../kernels/compose.ts';

export const boundaries: readonly Boundary[] = ['reflect', 'clamp', 'penalise', 'smooth', 'none', 'bounded'];

/** One coordinate: x and dx/du. */
export function enterBox(u: number, lower: number, upper: number, boundary: Boundary): { x: number; slope: number } {
  const half = 0.5 * (upper - lower);
  const centre = 0.5 * (upper + lower);
  switch (boundary) {
    case 'none':
      return { x: centre + half * u, slope: half };
    case 'smooth':
      return { x: centre + half * Math.sin((Math.PI / 2) * u), slope: (half * Math.PI * Math.cos((Math.PI / 2) * u)) / 2 };
    case 'bounded': {
      // By the distance from the nearer face, which is exact however small.
      const e = Math.exp(-2 * Math.abs(u));
      const step = (2 * half * e) / (1 + e);
      return { x: Math.min(Math.max(u > 0 ? upper - step : lower + step, lower), upper), slope: (4 * half * e) / (1 + e) ** 2 };
    }
    case 'reflect': {
      const v = 0.5 * (u + 1);
      const folded = v - 2 * Math.floor(0.5 * v);
      const mirrored = folded > 1;
      return { x: lower + 2 * half * (mirrored ? 2 - folded : folded), slope: mirrored ? -half : half };
    }
    default:
      return { x: Math.min(Math.max(centre + half * u, lower), upper), slope: Math.abs(u) <= 1 ? half : 0 };
  }
}

/** A whole point. */
export function toUser(u: ArrayLike<number>, box: SearchBox, boundary: Boundary): Float64Array {
  return Float64Array.from({ length: box.dim }, (_, i) => enterBox(u[i]!, box.lower[i]!, box.upper[i]!, boundary).x);
}

/**
 * log |dx/du| of a whole point: what a log density in user coordinates gains in search coordinates.
 * @throws RangeError for a boundary that is not one to one
 */
export function logJacobian(u: ArrayLike<number>, box: SearchBox, boundary: Boundary): number {
  if (boundary !== 'none' && boundary !== 'bounded') throw new RangeError(`boundary "${boundary}" is not one to one: it has no Jacobian`);
  let sum = 0;
  for (let i = 0; i < box.dim; i++) {
    sum += Math.log(0.5 * (box.upper[i]! - box.lower[i]!));
    const size = Math.abs(u[i]!);
    // log sech^2
    if (boundary === 'bounded') sum -= 2 * (size + Math.log1p(Math.exp(-2 * size)) - Math.LN2);
  }
  return sum;
}

/** The search coordinate of a user's one, and dx/du there; undefined where there is none. For starts: of periodic maps the nearest. */
export function leaveBox(x: number, lower: number, upper: number, boundary: Boundary): { u: number; slope: number } | undefined {
  const half = 0.5 * (upper - lower);
  const share = (x - 0.5 * (upper + lower)) / half;
  if (boundary === 'none') return { u: share, slope: half };
  if (Math.abs(share) > 1 || (boundary === 'bounded' && Math.abs(share) === 1)) return undefined;
  const u = boundary === 'bounded' ? Math.atanh(share) : boundary === 'smooth' ? (2 / Math.PI) * Math.asin(share) : share;
  const { slope } = enterBox(u, lower, upper, boundary);
  return { u, slope: Math.max(Math.abs(slope), 1e-3 * half) };
}
