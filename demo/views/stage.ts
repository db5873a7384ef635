/**
 * The plot: a canvas for what rarely changes (landscape, axes), one that WebGPU draws the search on, and one above for marks and
 * labels. Four views share them; each says where its panels lie and what belongs under and over them.
 */
import { vec4 } from 'wgpu-matrix';
import type { Box } from '../../src/problems/problem.ts';
import { fitted } from '../dom.ts';
import type { ModeRow } from '../modes.ts';
import { axisName } from '../numbers.ts';
import { type Palette, palette } from '../palette.ts';
import type { DrawnState } from '../session.ts';
import { drawAxes, drawGround, drawRelief, type Relief } from './background.ts';
import { Orbit } from './orbit.ts';
import { Painter, type Panel } from './painter.ts';
import { drawParallel } from './parallel.ts';
import { type PlotArea, pairAreas, planeArea, planeCamera, spaceArea } from './plot-area.ts';

export type ViewName = 'plane' | 'pairs' | 'space' | 'parallel';

/** What only the picture depends on. */
export interface ViewOptions {
  name: ViewName;
  axes: readonly [number, number, number];
  samples: boolean;
  trails: boolean;
  ellipses: boolean;
  /** Samples drawn, at most. */
  mostSamples: number;
}

export interface Scene {
  box: Box;
  /** Of the plane view's axes. */
  relief: Relief | undefined;
  state: DrawnState | undefined;
  rows: readonly ModeRow[];
  means: readonly (readonly number[])[];
  /** Of the components: their colours go by it. */
  ids: readonly number[];
  marked: ReadonlySet<number>;
}

export class Stage {
  readonly #element: HTMLElement;
  readonly #below: HTMLCanvasElement;
  readonly #above: HTMLCanvasElement;
  #search: HTMLCanvasElement;
  readonly #orbit = new Orbit();
  readonly #isDark: () => boolean;
  #painter: Painter | undefined;
  #options: ViewOptions;
  #scene: Scene | undefined;
  /** Nothing is drawn above: it need not be cleared in every frame. */
  #bare = false;

  constructor(
    elements: { stage: HTMLElement; below: HTMLCanvasElement; search: HTMLCanvasElement; above: HTMLCanvasElement },
    options: ViewOptions,
    isDark: () => boolean,
  ) {
    this.#element = elements.stage;
    this.#below = elements.below;
    this.#search = elements.search;
    this.#above = elements.above;
    this.#options = options;
    this.#isDark = isDark;
    new ResizeObserver(() => this.redraw()).observe(this.#element);
    this.#orbit.attach(
      this.#element,
      () => this.#options.name === 'space',
      () => this.draw(),
    );
  }

  /** The device that the canvas belongs to; another one, after a loss, gets a canvas of its own. */
  useDevice(device: GPUDevice, software: boolean): void {
    if (this.#painter?.device === device) return;
    if (this.#painter) {
      this.#painter.destroy();
      const fresh = this.#search.cloneNode() as HTMLCanvasElement;
      this.#search.replaceWith(fresh);
      this.#search = fresh;
    }
    this.#fitSearch();
    this.#painter = new Painter(this.#search, device, software);
  }

  get options(): ViewOptions {
    return this.#options;
  }

  setOptions(options: ViewOptions): void {
    const { name, axes } = this.#options;
    this.#options = options;
    if (name !== options.name || axes.some((axis, i) => axis !== options.axes[i])) this.redraw();
    else this.draw();
  }

  /** What the next {@link draw} shows; a change of what lies under the search is drawn at once. */
  setScene(scene: Scene): void {
    const before = this.#scene;
    this.#scene = scene;
    if (before?.relief !== scene.relief || before?.box !== scene.box) this.redraw();
  }

  /** Everything, also what lies under the search. */
  redraw(): void {
    this.#fitSearch();
    const scene = this.#scene;
    const context = fitted(this.#below, this.#ratio);
    if (scene) {
      for (const area of this.#areas) {
        if (this.#options.name === 'space') continue;
        if (this.#options.name === 'plane' && scene.relief) drawRelief(context, area, scene.relief, this.#palette);
        else drawGround(context, area, this.#palette);
        drawAxes(context, area, scene.box, this.#palette);
      }
    }
    this.draw();
  }

  /** The search alone. */
  draw(): void {
    const scene = this.#scene;
    if (!scene) return;
    const { name, samples, trails, ellipses, mostSamples } = this.#options;
    if (this.#painter && scene.state && name !== 'parallel') {
      this.#painter.paint(scene.state, {
        panels: this.#panels,
        palette: this.#palette,
        ratio: this.#ratio,
        samples,
        trails,
        ellipses,
        mostSamples,
        marked: scene.marked,
      });
    } else this.#painter?.clear();
    this.#drawAbove(scene);
  }

  /** All layers as one picture. The search is drawn anew, since a WebGPU canvas shows its frame once. */
  async picture(ground: string): Promise<Blob> {
    const { width, height } = this.#below;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d')!;
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    this.draw();
    for (const layer of [this.#below, this.#search, this.#above]) context.drawImage(layer, 0, 0, width, height);
    return canvas.convertToBlob({ type: 'image/png' });
  }

  get #ratio(): number {
    return Math.min(devicePixelRatio || 1, 2);
  }

  get #palette(): Palette {
    return palette(this.#isDark());
  }

  get #areas(): PlotArea[] {
    const { clientWidth: width, clientHeight: height } = this.#element;
    const { name, axes } = this.#options;
    if (name === 'plane') return [planeArea(width, height, axes)];
    if (name === 'pairs') return pairAreas(width, height, axes);
    if (name === 'space') return [spaceArea(width, height, axes)];
    return [];
  }

  get #panels(): Panel[] {
    const ratio = this.#ratio;
    const { width, height } = this.#search;
    const solid = this.#options.name === 'space';
    return this.#areas.map(({ x, y, width: w, height: h, axes }) => {
      const left = Math.round(x * ratio);
      const top = Math.round(y * ratio);
      const panel = {
        x: left,
        y: top,
        width: Math.max(1, Math.min(Math.round(w * ratio), width - left)),
        height: Math.max(1, Math.min(Math.round(h * ratio), height - top)),
      };
      return { ...panel, axes, camera: solid ? this.#orbit.camera(panel.width / panel.height) : planeCamera, solid };
    });
  }

  #fitSearch(): void {
    const { clientWidth, clientHeight } = this.#element;
    const width = Math.max(1, Math.round(clientWidth * this.#ratio));
    const height = Math.max(1, Math.round(clientHeight * this.#ratio));
    if (this.#search.width !== width) this.#search.width = width;
    if (this.#search.height !== height) this.#search.height = height;
  }

  #drawAbove(scene: Scene): void {
    const { box, rows, means, ids, marked } = scene;
    const { name } = this.#options;
    const bare = (name === 'plane' || name === 'pairs') && !rows.some(({ polished }) => polished);
    if (bare && this.#bare) return;
    this.#bare = bare;
    const context = fitted(this.#above, this.#ratio);
    if (name === 'parallel') {
      const { clientWidth: width, clientHeight: height } = this.#element;
      drawParallel(context, { width, height }, { box, rows, means, ids, marked }, this.#palette);
      return;
    }
    for (const area of this.#areas) {
      const camera = name === 'space' ? this.#orbit.camera(area.width / area.height) : planeCamera;
      const place = (u: readonly [number, number, number]): [number, number] => {
        const [cx, cy, , cw] = vec4.transformMat4([...u, 1], camera);
        return [area.x + (area.width * (cx! / cw! + 1)) / 2, area.y + (area.height * (1 - cy! / cw!)) / 2];
      };
      for (const { x, polished, global } of rows) {
        if (polished) this.#ring(context, place(area.axes.map((axis) => unit(box, x, axis)) as [number, number, number]), global);
      }
      if (name === 'space') this.#nameAxes(context, area, place);
    }
  }

  #ring(context: CanvasRenderingContext2D, [x, y]: [number, number], global: boolean): void {
    const { halo, mode } = this.#palette;
    for (const [style, width] of [
      [halo, global ? 5 : 3.5],
      [mode, global ? 2 : 1.25],
    ] as const) {
      context.beginPath();
      context.arc(x, y, global ? 9 : 5, 0, 2 * Math.PI);
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
  }

  #nameAxes(
    context: CanvasRenderingContext2D,
    { axes }: PlotArea,
    place: (u: readonly [number, number, number]) => [number, number],
  ): void {
    context.font = 'italic 15px Georgia, serif';
    context.fillStyle = this.#palette.axis;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    // On the edges of the box that face the eye.
    const [x, y, z] = this.#orbit.eye.map(Math.sign) as unknown as [number, number, number];
    const ends = [
      [0, 1.14 * y, -z],
      [1.14 * x, 0, -z],
      [1.1 * x, -1.1 * y, 0],
    ] as const;
    for (const [i, end] of ends.entries()) context.fillText(axisName(axes[i]!), ...place(end));
  }
}

/** A coordinate in [-1, 1] over the box. */
const unit = (box: Box, x: readonly number[], axis: number): number => {
  const [low, high] = box[axis] ?? box[0]!;
  return (2 * ((x[axis] ?? low) - low)) / (high - low) - 1;
};
