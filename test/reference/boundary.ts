/** From search coordinates (the box is [-1, 1]) to the user's, one coordinate at a time. */
export type BoundaryName = 'reflect' | 'clamp' | 'penalise' | 'smooth' | 'none';

export interface Entry {
  x: number;
  /** dx/du */
  slope: number;
  /** d2x/du2 */
  bend: number;
  /** Signed distance beyond the box (in u) that is penalised. */
  outside: number;
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
