/** From search coordinates (the box is [-1, 1]) to the user's, one coordinate at a time. */
export type BoundaryName = 'reflect' | 'clamp' | 'penalise' | 'smooth' | 'bounded' | 'none';

export interface Entry {
  x: number;
  /** dx/du */
  slope: number;
  /** d2x/du2 */
  bend: number;
  /** Signed distance beyond the box (in u) that is penalised. */
  outside: number;
  /** log |dx/du| but for its constant, with its first and second derivatives, where the density is u's. */
  logSlope?: readonly [number, number, number];
}

export function enter(boundary: BoundaryName, u: number, lo: number, hi: number): Entry {
  const half = (hi - lo) / 2;
  const centre = (hi + lo) / 2;
  const inside = Math.abs(u) <= 1;
  const held = Math.min(Math.max(u, -1), 1);
  switch (boundary) {
    case 'none':
      return { x: centre + half * u, slope: half, bend: 0, outside: 0 };
    case 'clamp':
      return { x: centre + half * held, slope: inside ? half : 0, bend: 0, outside: 0 };
    case 'penalise':
      return { x: centre + half * held, slope: inside ? half : 0, bend: 0, outside: u - held };
    case 'reflect': {
      // A triangle wave of period 4 that is u on [-1, 1].
      const phase = (((u + 1) % 4) + 4) % 4;
      return phase <= 2
        ? { x: lo + half * phase, slope: half, bend: 0, outside: 0 }
        : { x: lo + half * (4 - phase), slope: -half, bend: 0, outside: 0 };
    }
    case 'bounded': {
      const t = Math.tanh(u);
      const s = 1 / Math.cosh(u) ** 2;
      return {
        x: centre + half * t,
        slope: half * s,
        bend: -2 * half * t * s,
        outside: 0,
        logSlope: [-2 * Math.log(Math.cosh(u)), -2 * t, -2 * s],
      };
    }
    case 'smooth': {
      const quarter = Math.PI / 2;
      return {
        x: centre + half * Math.sin(quarter * u),
        slope: half * quarter * Math.cos(quarter * u),
        bend: -half * quarter * quarter * Math.sin(quarter * u),
        outside: 0,
      };
    }
  }
}

/** Taken off the objective beyond the box, in units of the first temperature, per squared distance. */
export const PENALTY = 4;
