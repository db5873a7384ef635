/** Parallel coordinates: an upright axis for each dimension, a line for each component's mean and for each mode found. */
import type { Box } from '../../src/problems/problem.ts';
import type { ModeRow } from '../modes.ts';
import { axisName, number } from '../numbers.ts';
import { componentColour, type Palette } from '../palette.ts';

/** More axes than this would touch each other. */
const MOST_AXES = 24;
const MARGIN = { left: 40, right: 40, top: 34, bottom: 34 };

/** What is drawn over the axes of the box. */
interface Lines {
  box: Box;
  rows: readonly ModeRow[];
  means: readonly (readonly number[])[];
  ids: readonly number[];
  marked: ReadonlySet<number>;
}

export function drawParallel(
  context: CanvasRenderingContext2D,
  { width, height }: { width: number; height: number },
  { box, rows, means, ids, marked }: Lines,
  palette: Palette,
): void {
  const count = Math.min(box.length, MOST_AXES);
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const x = (axis: number) => MARGIN.left + (inner.width * axis) / Math.max(1, count - 1);
  const y = (axis: number, value: number) => {
    const [low, high] = box[axis]!;
    return MARGIN.top + inner.height * (1 - Math.min(1.04, Math.max(-0.04, (value - low) / (high - low))));
  };
  const line = (point: readonly number[]) => {
    context.beginPath();
    for (let axis = 0; axis < count; axis++) context.lineTo(x(axis), y(axis, point[axis]!));
    context.stroke();
  };

  context.lineJoin = 'round';
  context.strokeStyle = palette.axis;
  context.fillStyle = palette.axis;
  context.lineWidth = 1;
  context.globalAlpha = 0.5;
  for (let axis = 0; axis < count; axis++) {
    context.beginPath();
    context.moveTo(x(axis), MARGIN.top);
    context.lineTo(x(axis), MARGIN.top + inner.height);
    context.stroke();
  }
  context.globalAlpha = 1;
  context.textAlign = 'center';
  const ends = inner.width / Math.max(1, count - 1) > 44;
  for (let axis = 0; axis < count; axis++) {
    context.font = 'italic 13px Georgia, serif';
    context.textBaseline = 'alphabetic';
    context.fillText(axisName(axis), x(axis), 14);
    if (!ends && axis > 0) continue;
    context.font = '11px system-ui, sans-serif';
    context.fillText(number(box[axis]![1], 3), x(axis), MARGIN.top - 6);
    context.textBaseline = 'top';
    context.fillText(number(box[axis]![0], 3), x(axis), MARGIN.top + inner.height + 7);
  }

  means.forEach((mean, k) => {
    const lit = marked.has(k);
    context.strokeStyle = componentColour(palette, ids[k] ?? k);
    context.globalAlpha = marked.size === 0 ? 0.6 : lit ? 1 : 0.12;
    context.lineWidth = lit ? 2.5 : 1.25;
    line(mean);
  });
  context.globalAlpha = 1;
  for (const { x: point, polished } of rows) {
    if (!polished) continue;
    for (const [style, width] of [
      [palette.halo, 4],
      [palette.mode, 1.75],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = width;
      line(point);
    }
  }
}
