/** A landscape on a grid: its values, its ranks (which colour it) and its contour lines. Pure functions, float64. */

/** Values at the nodes of a grid over the box, the larger the better; row 0 is the lowest of the second axis. */
export interface Landscape {
  columns: number;
  rows: number;
  values: Float64Array;
  /** All usable values, the worst first. */
  ranked: Float64Array;
}

/** One contour line, as segments `x1 y1 x2 y2` in grid units. */
export interface Contour {
  /** Share of the box that is worse. */
  share: number;
  segments: Float32Array;
}

export function landscapeFrom(columns: number, rows: number, values: Float64Array): Landscape {
  return { columns, rows, values, ranked: values.filter(Number.isFinite).sort() };
}

/** Share of the box that is worse than `value`: 0 at the worst, 1 at the best. Shows every landscape in full contrast. */
export function shareOf({ ranked }: Landscape, value: number): number {
  let low = 0;
  let high = ranked.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranked[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return ranked.length > 1 ? Math.min(1, low / (ranked.length - 1)) : 1;
}

/** The value that a share of the box is worse than. */
export function valueAt({ ranked }: Landscape, share: number): number {
  return ranked[Math.round(share * (ranked.length - 1))] ?? Number.NaN;
}

/** Contour lines at the values that the given shares of the box are worse than, by marching squares. */
export function contoursAt(landscape: Landscape, shares: readonly number[]): Contour[] {
  return shares.map((share) => ({ share, segments: marchingSquares(landscape, valueAt(landscape, share)) }));
}

/** Ends of the segments in a cell by its case, as pairs of edges: 0 bottom, 1 right, 2 top, 3 left. Saddles (5, 10) have two. */
const cellSegments: readonly (readonly number[])[] = [
  [],
  [3, 0],
  [0, 1],
  [3, 1],
  [1, 2],
  [3, 2, 0, 1],
  [0, 2],
  [3, 2],
  [2, 3],
  [0, 2],
  [0, 3, 1, 2],
  [1, 2],
  [1, 3],
  [0, 1],
  [3, 0],
  [],
];

function marchingSquares({ columns, rows, values }: Landscape, level: number): Float32Array {
  const segments: number[] = [];
  for (let j = 0; j + 1 < rows; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const at = j * columns + i;
      const a = values[at]!;
      const b = values[at + 1]!;
      const c = values[at + columns + 1]!;
      const d = values[at + columns]!;
      if (!Number.isFinite(a + b + c + d)) continue;
      let kind = (a > level ? 1 : 0) | (b > level ? 2 : 0) | (c > level ? 4 : 0) | (d > level ? 8 : 0);
      // The middle of a saddle says which of its corners are joined.
      if ((kind === 5 || kind === 10) && a + b + c + d <= 4 * level) kind = 15 - kind;
      for (const edge of cellSegments[kind]!) {
        if (edge === 0) segments.push(i + (level - a) / (b - a), j);
        else if (edge === 1) segments.push(i + 1, j + (level - b) / (c - b));
        else if (edge === 2) segments.push(i + (level - d) / (c - d), j + 1);
        else segments.push(i, j + (level - a) / (d - a));
      }
    }
  }
  return Float32Array.from(segments);
}
