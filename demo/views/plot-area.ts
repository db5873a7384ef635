/** Where plots lie on the canvas (CSS pixels), and how search coordinates get there. */
import { mat4 } from 'wgpu-matrix';

export interface PlotArea {
  x: number;
  y: number;
  width: number;
  height: number;
  axes: readonly [number, number, number];
}

const MARGIN = { left: 46, right: 12, top: 12, bottom: 34 };
const GAP = 14;

export function planeArea(width: number, height: number, axes: readonly [number, number, number]): PlotArea {
  return {
    x: MARGIN.left,
    y: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
    axes,
  };
}

/** The lower triangle of a pair plot of three axes: (1, 2) above, (1, 3) and (2, 3) below. */
export function pairAreas(width: number, height: number, [a, b, c]: readonly [number, number, number]): PlotArea[] {
  const whole = planeArea(width, height, [a, b, c]);
  const w = Math.max(1, (whole.width - GAP - MARGIN.left) / 2);
  const h = Math.max(1, (whole.height - GAP - MARGIN.bottom) / 2);
  const right = whole.x + w + GAP + MARGIN.left;
  const lower = whole.y + h + GAP + MARGIN.bottom;
  return [
    { x: whole.x, y: whole.y, width: w, height: h, axes: [a, b, c] },
    { x: whole.x, y: lower, width: w, height: h, axes: [a, c, b] },
    { x: right, y: lower, width: w, height: h, axes: [b, c, a] },
  ];
}

export const spaceArea = (width: number, height: number, axes: readonly [number, number, number]): PlotArea => ({
  x: 0,
  y: 0,
  width: Math.max(1, width),
  height: Math.max(1, height),
  axes,
});

/** The first two axes of the box [-1, 1]^3, filling the plot. */
export const planeCamera: Float32Array = mat4.scaling([1, 1, 0]);
