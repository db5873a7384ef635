/** Whether a point is one of the known modes: the same measure for the search and for its baseline. */

/** Far below the distance between any two modes here, far above the error of a float32 polish. */
const TOLERANCE = 0.01;

/** Number of the known mode that `x` is at; undefined when it is at none. */
export function nearestMode(x: ArrayLike<number>, modes: readonly (readonly number[])[]): number | undefined {
  const index = modes.findIndex((mode) => Math.hypot(...mode.map((t, i) => t - x[i]!)) <= TOLERANCE);
  return index < 0 ? undefined : index;
}
