/**
 * Drawing: the landscape on one canvas, the search on another above it. A component is an affine map from the unit circle (and from
 * its whitened draws) to the box; the camera is one from the box to the canvas.
 */
import { mat3, vec2 } from 'wgpu-matrix';
import type { Mixture, Mode } from '../src/index.ts';
import type { Problem } from '../src/problems/problem.ts';
import { type Contour, contoursAt, type Landscape, sampleLandscape, shareOf } from './contours.ts';
import { landscapeColour, type Palette, palette } from './palette.ts';
import type { Frame } from './session.ts';

export interface Picture {
  frame: Frame | undefined;
  /** `x1 x2` pairs a component; undefined hides them. */
  trails: readonly (readonly number[])[] | undefined;
  samples: boolean;
  modes: readonly Mode[];
}

const GRID = 256;
/** Levels, closer where the landscape is good. */
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.98, 0.995];
const MARGIN = { left: 38, right: 10, top: 10, bottom: 24 };
const MOST_SAMPLES = 20_000;

/** The affine map of a Gaussian in the plane: z -> mean + L z, with L the lower Cholesky factor of its covariance. */
export function componentFrame(mean: readonly number[], covariance: readonly (readonly number[])[]): Float32Array {
  const a = Math.sqrt(Math.max(covariance[0]![0]!, 0));
  const b = a > 0 ? covariance[1]![0]! / a : 0;
  const c = Math.sqrt(Math.max(covariance[1]![1]! - b * b, 0));
  return mat3.create(a, b, 0, 0, c, 0, mean[0]!, mean[1]!, 1);
}

export class Scene {
  readonly #plot: HTMLElement;
  readonly #below: HTMLCanvasElement;
  readonly #above: HTMLCanvasElement;
  readonly #legend: HTMLCanvasElement;
  readonly #darkQuery = matchMedia('(prefers-color-scheme: dark)');
  #problem: Problem | undefined;
  #landscape: Landscape | undefined;
  #contours: Contour[] = [];
  #picture: Picture = { frame: undefined, trails: undefined, samples: false, modes: [] };

  constructor(elements: { plot: HTMLElement; below: HTMLCanvasElement; above: HTMLCanvasElement; legend: HTMLCanvasElement }) {
    this.#plot = elements.plot;
    this.#below = elements.below;
    this.#above = elements.above;
    this.#legend = elements.legend;
    new ResizeObserver(() => this.#redraw()).observe(this.#plot);
    this.#darkQuery.addEventListener('change', () => this.#redraw());
  }

  /** The landscape is computed once for each problem. */
  show(problem: Problem): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#landscape = sampleLandscape(problem, GRID, GRID);
    this.#contours = contoursAt(this.#landscape, SHARES);
    this.#picture = { ...this.#picture, frame: undefined, trails: undefined, modes: [] };
    this.#redraw();
  }

  draw(picture: Picture): void {
    this.#picture = picture;
    this.#drawSearch();
  }

  #redraw(): void {
    const ratio = Math.min(devicePixelRatio || 1, 3);
    for (const canvas of [this.#below, this.#above, this.#legend]) {
      const { width, height } = canvas.getBoundingClientRect();
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
      canvas.getContext('2d')?.scale(ratio, ratio);
    }
    this.#drawLandscape();
    this.#drawLegend();
    this.#drawSearch();
  }

  get #palette(): Palette {
    return palette(this.#darkQuery.matches);
  }

  get #area(): { x: number; y: number; width: number; height: number } {
    const { width, height } = this.#plot.getBoundingClientRect();
    return {
      x: MARGIN.left,
      y: MARGIN.top,
      width: Math.max(1, width - MARGIN.left - MARGIN.right),
      height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
    };
  }

  /** From the box to the canvas, in CSS pixels; x2 points up. */
  #camera(problem: Problem): Float32Array {
    const { x, y, width, height } = this.#area;
    const [[left, right], [bottom, top]] = problem.box as [[number, number], [number, number]];
    const camera = mat3.translation([x, y + height]);
    mat3.scale(camera, [width / (right - left), -height / (top - bottom)], camera);
    return mat3.translate(camera, [-left, -bottom], camera);
  }

  #drawLandscape(): void {
    const context = this.#below.getContext('2d');
    const problem = this.#problem;
    const landscape = this.#landscape;
    if (!context || !problem || !landscape) return;
    const colours = this.#palette;
    const { columns, rows, values } = landscape;
    const { x, y, width, height } = this.#area;
    context.clearRect(0, 0, this.#below.width, this.#below.height);

    const image = new ImageData(columns, rows);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const value = values[j * columns + i]!;
        const colour = landscapeColour(colours, Number.isFinite(value) ? shareOf(landscape, value) : 0);
        const at = 4 * ((rows - 1 - j) * columns + i);
        image.data.set(colour, at);
        image.data[at + 3] = 255;
      }
    }
    const tile = document.createElement('canvas');
    tile.width = columns;
    tile.height = rows;
    tile.getContext('2d')?.putImageData(image, 0, 0);
    context.save();
    context.beginPath();
    context.roundRect(x, y, width, height, 4);
    context.clip();
    context.imageSmoothingQuality = 'high';
    // Nodes, not cells, lie on the edges of the box.
    const stepX = width / (columns - 1);
    const stepY = height / (rows - 1);
    context.drawImage(tile, x - stepX / 2, y - stepY / 2, width + stepX, height + stepY);

    context.strokeStyle = colours.contour;
    context.lineWidth = 1;
    for (const { segments } of this.#contours) {
      context.beginPath();
      for (let s = 0; s < segments.length; s += 4) {
        context.moveTo(x + segments[s]! * stepX, y + height - segments[s + 1]! * stepY);
        context.lineTo(x + segments[s + 2]! * stepX, y + height - segments[s + 3]! * stepY);
      }
      context.stroke();
    }
    context.restore();
    this.#drawAxes(context, problem, colours);
  }

  #drawAxes(context: CanvasRenderingContext2D, problem: Problem, colours: Palette): void {
    const { x, y, width, height } = this.#area;
    const camera = this.#camera(problem);
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = colours.axis;
    context.strokeStyle = colours.axis;
    context.lineWidth = 1;
    context.textAlign = 'center';
    context.textBaseline = 'top';
    context.beginPath();
    for (const value of ticks(problem.box[0]!, width / 55)) {
      const px = vec2.transformMat3([value, problem.box[1]![0]], camera)[0]!;
      context.moveTo(px, y + height);
      context.lineTo(px, y + height + 4);
      context.fillText(label(value), px, y + height + 8);
    }
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const value of ticks(problem.box[1]!, height / 55)) {
      const py = vec2.transformMat3([problem.box[0]![0], value], camera)[1]!;
      context.moveTo(x, py);
      context.lineTo(x - 4, py);
      context.fillText(label(value), x - 8, py);
    }
    context.stroke();
  }

  #drawLegend(): void {
    const context = this.#legend.getContext('2d');
    if (!context) return;
    const { width, height } = this.#legend.getBoundingClientRect();
    const colours = this.#palette;
    for (let i = 0; i < width; i++) {
      context.fillStyle = `rgb(${landscapeColour(colours, i / Math.max(1, width - 1))
        .map(Math.round)
        .join(' ')})`;
      context.fillRect(i, 0, 1.5, height);
    }
  }

  #drawSearch(): void {
    const context = this.#above.getContext('2d');
    const problem = this.#problem;
    if (!context || !problem) return;
    context.clearRect(0, 0, this.#above.width, this.#above.height);
    const { frame, trails, samples, modes } = this.#picture;
    const colours = this.#palette;
    const camera = this.#camera(problem);
    const { x, y, width, height } = this.#area;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    if (frame?.cloud && samples) this.#drawSamples(context, frame.cloud, camera, colours);
    if (trails) this.#drawTrails(context, trails, camera, colours);
    if (frame) this.#drawEllipses(context, frame.snapshot.mixture, camera, colours);
    context.restore();
    if (frame) this.#drawMeans(context, frame.snapshot.mixture, camera, colours);
    this.#drawModes(context, modes, camera, colours);
  }

  #drawSamples(context: CanvasRenderingContext2D, cloud: NonNullable<Frame['cloud']>, camera: Float32Array, colours: Palette): void {
    const { from, perComponent, draws, stride } = cloud;
    const shown = Math.min(perComponent, Math.max(1, Math.floor(MOST_SAMPLES / from.means.length)));
    const size = shown * from.means.length > 4000 ? 1.5 : 2.4;
    context.globalAlpha = 0.6;
    from.means.forEach((mean, k) => {
      const map = mat3.multiply(camera, componentFrame(mean, from.covariances[k]!));
      context.fillStyle = componentColour(colours, k);
      for (let s = 0; s < shown; s++) {
        const at = k * perComponent + s;
        const point = vec2.transformMat3([draws[at]!, draws[stride + at]!], map);
        context.fillRect(point[0]! - size / 2, point[1]! - size / 2, size, size);
      }
    });
    context.globalAlpha = 1;
  }

  #drawTrails(context: CanvasRenderingContext2D, trails: readonly (readonly number[])[], camera: Float32Array, colours: Palette): void {
    context.lineWidth = 1.25;
    context.lineJoin = 'round';
    context.globalAlpha = 0.55;
    trails.forEach((trail, k) => {
      context.strokeStyle = componentColour(colours, k);
      context.beginPath();
      for (let i = 0; i < trail.length; i += 2) {
        const point = vec2.transformMat3([trail[i]!, trail[i + 1]!], camera);
        context.lineTo(point[0]!, point[1]!);
      }
      context.stroke();
    });
    context.globalAlpha = 1;
  }

  #drawEllipses(context: CanvasRenderingContext2D, { means, covariances }: Mixture, camera: Float32Array, colours: Palette): void {
    const base = context.getTransform();
    means.forEach((mean, k) => {
      const map = mat3.multiply(camera, componentFrame(mean, covariances[k]!));
      const colour = componentColour(colours, k);
      for (const sigmas of [2, 1]) {
        context.beginPath();
        context.transform(map[0]!, map[1]!, map[4]!, map[5]!, map[8]!, map[9]!);
        context.arc(0, 0, sigmas, 0, 2 * Math.PI);
        context.setTransform(base); // the line keeps its width
        if (sigmas === 1) {
          context.globalAlpha = 0.16 * Math.min(1, 8 / means.length);
          context.fillStyle = colour;
          context.fill();
          context.globalAlpha = 0.4;
          context.strokeStyle = colours.halo;
          context.lineWidth = 3.5;
          context.stroke();
        }
        context.globalAlpha = sigmas === 1 ? 1 : 0.5;
        context.strokeStyle = colour;
        context.lineWidth = sigmas === 1 ? 1.75 : 1.25;
        context.stroke();
      }
    });
    context.globalAlpha = 1;
  }

  #drawMeans(context: CanvasRenderingContext2D, { means }: Mixture, camera: Float32Array, colours: Palette): void {
    means.forEach((mean, k) => {
      const point = vec2.transformMat3(mean as [number, number], camera);
      context.beginPath();
      context.arc(point[0]!, point[1]!, 3.5, 0, 2 * Math.PI);
      context.fillStyle = componentColour(colours, k);
      context.fill();
      context.strokeStyle = colours.halo;
      context.lineWidth = 1.5;
      context.stroke();
    });
  }

  #drawModes(context: CanvasRenderingContext2D, modes: readonly Mode[], camera: Float32Array, colours: Palette): void {
    for (const { x, global } of modes) {
      const point = vec2.transformMat3(x as [number, number], camera);
      const radius = global ? 9 : 5;
      for (const [style, width] of [
        [colours.halo, global ? 5 : 3.5],
        [colours.mode, global ? 2 : 1.25],
      ] as const) {
        context.beginPath();
        context.arc(point[0]!, point[1]!, radius, 0, 2 * Math.PI);
        context.strokeStyle = style;
        context.lineWidth = width;
        context.stroke();
      }
    }
  }
}

export const componentColour = ({ components }: Palette, k: number): string => components[k % components.length]!;

/** Round numbers across a range, about `count` of them. */
function ticks([low, high]: readonly [number, number], count: number): number[] {
  const rough = (high - low) / Math.max(2, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const label = (value: number): string => String(value).replace('-', '\u2212');
