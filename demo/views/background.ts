/** What lies under a search: the landscape with its contour lines, and axes with ticks. Drawn only when it changes. */
import type { Box } from '../../src/problems/problem.ts';
import { type Contour, contoursAt, type Landscape, shareOf } from '../contours.ts';
import { axisName, ticks } from '../numbers.ts';
import { landscapeColour, type Palette } from '../palette.ts';
import type { PlotArea } from './plot-area.ts';

/** Levels, closer where the landscape is good. */
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.98, 0.995];

export interface Relief {
  landscape: Landscape;
  contours: Contour[];
}

export const reliefOf = (landscape: Landscape): Relief => ({ landscape, contours: contoursAt(landscape, SHARES) });

export function drawRelief(context: CanvasRenderingContext2D, area: PlotArea, { landscape, contours }: Relief, palette: Palette): void {
  const { columns, rows, values } = landscape;
  const { x, y, width, height } = area;
  const image = new ImageData(columns, rows);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const value = values[j * columns + i]!;
      const at = 4 * ((rows - 1 - j) * columns + i);
      image.data.set(landscapeColour(palette, Number.isFinite(value) ? shareOf(landscape, value) : 0), at);
      image.data[at + 3] = 255;
    }
  }
  const tile = new OffscreenCanvas(columns, rows);
  tile.getContext('2d')!.putImageData(image, 0, 0);
  context.save();
  clip(context, area);
  context.imageSmoothingQuality = 'high';
  // Nodes, not cells, lie on the edges of the box.
  const stepX = width / (columns - 1);
  const stepY = height / (rows - 1);
  context.drawImage(tile, x - stepX / 2, y - stepY / 2, width + stepX, height + stepY);
  context.strokeStyle = palette.contour;
  context.lineWidth = 1;
  for (const { segments } of contours) {
    context.beginPath();
    for (let s = 0; s < segments.length; s += 4) {
      context.moveTo(x + segments[s]! * stepX, y + height - segments[s + 1]! * stepY);
      context.lineTo(x + segments[s + 2]! * stepX, y + height - segments[s + 3]! * stepY);
    }
    context.stroke();
  }
  context.restore();
}

/** The plot's ground where there is no landscape. */
export function drawGround(context: CanvasRenderingContext2D, area: PlotArea, palette: Palette): void {
  context.save();
  clip(context, area);
  context.fillStyle = `rgb(${landscapeColour(palette, 0.06).map(Math.round).join(' ')})`;
  context.fillRect(area.x, area.y, area.width, area.height);
  context.restore();
}

export function drawAxes(context: CanvasRenderingContext2D, area: PlotArea, box: Box, palette: Palette): void {
  const { x, y, width, height, axes } = area;
  const [a, b] = axes;
  const [left, right] = box[a]!;
  const [bottom, top] = box[b]!;
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = palette.axis;
  context.strokeStyle = palette.axis;
  context.lineWidth = 1;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.beginPath();
  for (const value of ticks([left, right], width / 60)) {
    const px = x + (width * (value - left)) / (right - left);
    context.moveTo(px, y + height);
    context.lineTo(px, y + height + 4);
    context.fillText(label(value), px, y + height + 7);
  }
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const value of ticks([bottom, top], height / 50)) {
    const py = y + height - (height * (value - bottom)) / (top - bottom);
    context.moveTo(x, py);
    context.lineTo(x - 4, py);
    context.fillText(label(value), x - 7, py);
  }
  context.stroke();
  context.font = 'italic 13px Georgia, serif';
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  context.fillText(axisName(a), x + width, y + height + 32);
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText(axisName(b), 4, y);
}

function clip(context: CanvasRenderingContext2D, { x, y, width, height }: PlotArea): void {
  context.beginPath();
  context.roundRect(x, y, width, height, 6);
  context.clip();
}

const label = (value: number): string => String(value).replace('-', '\u2212');
