/** Draws a mixture, its samples and its trails with WebGPU out of the engine's own buffers. Nothing is read back. */
import { mat4 } from 'wgpu-matrix';
import { controlLayout, field, recordSize } from '../../src/kernels/state.ts';
import type { Palette } from '../palette.ts';
import type { Placing, Samples } from '../runs/samples.ts';
import type { DrawnState } from '../session.ts';
import ellipses from '../shaders/ellipses.wgsl?raw';
import ellipsoids from '../shaders/ellipsoids.wgsl?raw';
import mixture from '../shaders/mixture.wgsl?raw';
import points from '../shaders/points.wgsl?raw';
import trails from '../shaders/trails.wgsl?raw';

/** One plot on the canvas, in device pixels. */
export interface Panel {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Axes of the problem, counted from 0; the third one counts in space only. */
  axes: readonly [number, number, number];
  /** From coordinates of the axes, -1 and 1 at the ends of the box, to clip space. */
  camera: Float32Array;
  solid: boolean;
}

export interface Painting {
  panels: readonly Panel[];
  palette: Palette;
  /** Device pixels a CSS pixel. */
  ratio: number;
  samples: boolean;
  trails: boolean;
  ellipses: boolean;
  /** Samples drawn, at most. */
  mostSamples: number;
  marked: ReadonlySet<number>;
}

/**
 * How finely a hardware and a software adapter draw. Up to `fewSamples` a sample is a square one can see, beyond it a pixel; a software
 * adapter pays some microseconds for every vertex, so its trails are plain lines and its edges are not smoothed. Trails of many components
 * are shorter: `trailFrames` of all together.
 */
const detail = {
  hardware: { fewSamples: 6000, segments: 48, smoothing: 4, trail: 'trail', trailFrames: 4096 },
  software: { fewSamples: 1100, segments: 32, smoothing: 1, trail: 'line', trailFrames: 1024 },
} as const;
/** Floats and words of the view block. */
const VIEW_SIZE = 4 * (16 + 4 + 12 + 4 + 32 + 8);
const STORAGE_BINDINGS = [1, 2, 3, 4, 5, 6];

const sourceNumber: Record<Samples['kind'], number> = { whitened: 0, rows: 1, members: 2 };
const word = (name: keyof typeof controlLayout): string => `${Object.keys(controlLayout).indexOf(name)}u`;

type Pipelines = Record<'point' | 'square' | 'outline' | 'dot' | 'trail' | 'line' | 'ellipsoid' | 'edge', GPURenderPipeline>;

export class Painter {
  readonly #device: GPUDevice;
  readonly #context: GPUCanvasContext;
  readonly #format: GPUTextureFormat;
  readonly #layout: GPUBindGroupLayout;
  readonly #pipelines = new Map<string, Pipelines>();
  readonly #views: GPUBuffer[] = [];
  readonly #marks: GPUBuffer;
  readonly #detail: (typeof detail)[keyof typeof detail];
  /** Drawn on in place of the canvas where edges are smoothed. */
  #smooth: GPUTexture | undefined;

  constructor(canvas: HTMLCanvasElement, device: GPUDevice, software: boolean) {
    this.#device = device;
    this.#detail = detail[software ? 'software' : 'hardware'];
    this.#context = canvas.getContext('webgpu')!;
    this.#format = navigator.gpu.getPreferredCanvasFormat();
    this.#context.configure({ device, format: this.#format, alphaMode: 'premultiplied' });
    this.#layout = device.createBindGroupLayout({
      label: 'view',
      entries: [
        { binding: 0, visibility: GPUShaderStage.VERTEX | GPUShaderStage.FRAGMENT, buffer: { type: 'uniform' } },
        ...STORAGE_BINDINGS.map((binding) => ({
          binding,
          visibility: GPUShaderStage.VERTEX,
          buffer: { type: 'read-only-storage' as const },
        })),
      ],
    });
    this.#marks = device.createBuffer({ label: 'marks', size: 4 * 1024, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  }

  get device(): GPUDevice {
    return this.#device;
  }

  /** Samples that are drawn of each component; where all come from the mixture, its share of them. */
  static shown({ run, alive }: DrawnState, most: number): number {
    const { samples } = run;
    if (!samples) return 0;
    const room = Math.max(1, Math.floor(most / alive));
    return Math.min(samples.shared ? Math.ceil(samples.most / alive) : samples.most, room);
  }

  clear(): void {
    const encoder = this.#device.createCommandEncoder({ label: 'clear' });
    this.#begin(encoder).end();
    this.#device.queue.submit([encoder.finish()]);
  }

  paint(state: DrawnState, painting: Painting): void {
    const pipelines = this.#pipelinesFor(state.run.dim, state.run.samples?.kind ?? 'whitened');
    const marks = new Uint32Array(1024);
    for (const k of painting.marked) marks[k] = 1;
    this.#device.queue.writeBuffer(this.#marks, 0, marks);
    painting.panels.forEach((panel, i) => {
      this.#device.queue.writeBuffer(this.#view(i), 0, viewBlock(state, painting, panel, this.#trailLength(state)));
    });

    const encoder = this.#device.createCommandEncoder({ label: 'paint' });
    const { width, height } = this.#context.getCurrentTexture();
    const pass = this.#begin(encoder);
    painting.panels.forEach((panel, i) => {
      // A page in the middle of a resize may have plots beyond its canvas.
      if (panel.x + panel.width > width || panel.y + panel.height > height) return;
      pass.setViewport(panel.x, panel.y, panel.width, panel.height, 0, 1);
      pass.setScissorRect(panel.x, panel.y, panel.width, panel.height);
      this.#paintPanel(pass, pipelines, state, painting, panel, this.#view(i));
    });
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  destroy(): void {
    for (const view of this.#views) view.destroy();
    this.#marks.destroy();
    this.#smooth?.destroy();
    this.#context.unconfigure();
  }

  #paintPanel(
    pass: GPURenderPassEncoder,
    pipelines: Pipelines,
    state: DrawnState,
    painting: Painting,
    panel: Panel,
    view: GPUBuffer,
  ): void {
    const { run, alive: count, drawnFrom, trails: ring } = state;
    const { samples } = run;
    const { components, factors, control } = run.buffers;
    const current = this.#bind(view, components, factors, ring.buffer, control, components);
    const draw = (name: keyof Pipelines, vertices: number, instances: number) => {
      pass.setPipeline(pipelines[name]);
      pass.draw(vertices, instances);
    };
    if (panel.solid) {
      pass.setBindGroup(0, current);
      draw('edge', 24, 1);
    }
    const shown = Painter.shown(state, painting.mostSamples);
    if (samples && painting.samples && ring.length > 1) {
      const { buffer, origins = components } = samples;
      pass.setBindGroup(0, this.#bind(view, drawnFrom.components, drawnFrom.factors, buffer, drawnFrom.control, origins));
      const total = shown * count;
      if (total <= this.#detail.fewSamples) draw('square', 4, total);
      else draw('point', total, 1);
    }
    pass.setBindGroup(0, current);
    if (painting.trails && ring.length > 1) {
      const frames = this.#trailLength(state);
      if (this.#detail.trail === 'trail') draw('trail', 6 * (frames - 1), count);
      else draw('line', frames, count);
    }
    if (!painting.ellipses) return;
    const { segments } = this.#detail;
    if (panel.solid) draw('ellipsoid', 6 * (segments / 4) * (segments / 2), count);
    else draw('outline', 2 * (segments + 1), 3 * count);
    draw('dot', 4, count);
  }

  /** Frames of a trail. */
  #trailLength({ trails, alive }: DrawnState): number {
    return Math.min(trails.length, Math.max(12, Math.floor(this.#detail.trailFrames / alive)));
  }

  #begin(encoder: GPUCommandEncoder): GPURenderPassEncoder {
    const target = this.#context.getCurrentTexture();
    const smooth = this.#smoothFor(target.width, target.height);
    const canvas = target.createView();
    return encoder.beginRenderPass({
      label: 'paint',
      colorAttachments: [
        {
          view: smooth ? smooth.createView() : canvas,
          ...(smooth ? { resolveTarget: canvas } : {}),
          loadOp: 'clear',
          clearValue: [0, 0, 0, 0],
          storeOp: smooth ? 'discard' : 'store',
        },
      ],
    });
  }

  #smoothFor(width: number, height: number): GPUTexture | undefined {
    const sampleCount = this.#detail.smoothing;
    if (sampleCount === 1) return undefined;
    if (this.#smooth?.width === width && this.#smooth.height === height) return this.#smooth;
    this.#smooth?.destroy();
    this.#smooth = this.#device.createTexture({
      label: 'smooth',
      size: [width, height],
      format: this.#format,
      sampleCount,
      usage: GPUTextureUsage.RENDER_ATTACHMENT,
    });
    return this.#smooth;
  }

  #bind(
    view: GPUBuffer,
    components: GPUBuffer,
    factors: GPUBuffer,
    draws: GPUBuffer,
    control: GPUBuffer,
    origins: GPUBuffer,
  ): GPUBindGroup {
    const buffers = [view, components, factors, draws, this.#marks, control, origins];
    return this.#device.createBindGroup({
      label: 'view',
      layout: this.#layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
  }

  #view(i: number): GPUBuffer {
    this.#views[i] ??= this.#device.createBuffer({
      label: `view ${i}`,
      size: VIEW_SIZE,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    return this.#views[i];
  }

  #pipelinesFor(dim: number, source: Samples['kind']): Pipelines {
    const key = `${dim} ${source}`;
    const known = this.#pipelines.get(key);
    if (known) return known;
    const head = [
      `DIM: u32 = ${dim}u`,
      `RECORD: u32 = ${recordSize(dim)}u`,
      `MEAN: u32 = ${field.mean}u`,
      `ID: u32 = ${field.id}u`,
      `LOG_WEIGHT: u32 = ${field.logWeight}u`,
      `FIRST_DRAW: u32 = ${field.firstDraw}u`,
      `DRAWS: u32 = ${field.draws}u`,
      `ALIVE: u32 = ${word('components')}`,
      `ROWS: u32 = ${word('rows')}`,
      `FRESH: u32 = ${word('fresh')}`,
      `FIRST_ROW: u32 = ${word('first_row')}`,
      `SOURCE: u32 = ${sourceNumber[source]}u`,
      `SEGMENTS: u32 = ${this.#detail.segments}u`,
    ];
    const code = [...head.map((line) => `const ${line};`), mixture, points, ellipses, trails, ellipsoids].join('\n');
    const module = this.#device.createShaderModule({ label: 'views', code });
    const layout = this.#device.createPipelineLayout({ label: 'views', bindGroupLayouts: [this.#layout] });
    const make = (vertex: string, topology: GPUPrimitiveTopology, fragment = 'fill') =>
      this.#device.createRenderPipeline({
        label: vertex,
        layout,
        vertex: { module, entryPoint: vertex },
        fragment: { module, entryPoint: fragment, targets: [{ format: this.#format, blend: over }] },
        primitive: { topology },
        multisample: { count: this.#detail.smoothing },
      });
    const made: Pipelines = {
      point: make('point', 'point-list'),
      square: make('square', 'triangle-strip'),
      outline: make('outline', 'triangle-strip'),
      dot: make('dot_at_mean', 'triangle-strip', 'disc'),
      trail: make('trail', 'triangle-list'),
      line: make('trail_line', 'line-strip', 'fill_flat'),
      ellipsoid: make('ellipsoid', 'triangle-list'),
      edge: make('edge', 'line-list'),
    };
    this.#pipelines.set(key, made);
    return made;
  }
}

const overComponent = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' } as const;
const over: GPUBlendState = { color: overComponent, alpha: overComponent };

function viewBlock(state: DrawnState, painting: Painting, panel: Panel, frames: number): ArrayBuffer {
  const { run, alive, trails: ring } = state;
  const { samples, placing } = run;
  const block = new ArrayBuffer(VIEW_SIZE);
  const floats = new Float32Array(block);
  const words = new Uint32Array(block);
  const shown = Painter.shown(state, painting.mostSamples);
  floats.set(mat4.multiply(panel.camera, placed(placing, panel.axes)), 0);
  words.set([...panel.axes, alive], 16);
  floats.set([panel.width, panel.height, painting.ratio], 20);
  words.set([shown, samples?.perComponent ?? 0, samples?.stride ?? 0, ring.first + ring.length - frames, ring.capacity, ring.stride], 23);
  words[29] = (painting.marked.size > 0 ? 1 : 0) | (samples?.shared ? 2 : 0);
  floats.set([opacityOf(shown * alive), shown * alive > 2000 ? 1.6 : 2.4], 30);
  floats.set(painting.palette.haloColour, 32);
  painting.palette.componentColours.forEach((colour, i) => {
    floats.set([...colour, 1], 36 + 4 * i);
  });
  floats[71] = frames;
  if (samples?.placing) {
    const { scale, shift } = samples.placing;
    panel.axes.forEach((axis, i) => {
      floats[68 + i] = scale[axis] ?? 1;
      floats[72 + i] = shift[axis] ?? 0;
    });
  }
  return block;
}

/** The affine map of the axes shown. */
function placed({ scale, shift }: Placing, axes: readonly [number, number, number]): Float32Array {
  const of = (numbers: readonly number[]) => axes.map((axis) => numbers[Math.min(axis, numbers.length - 1)]!) as [number, number, number];
  return mat4.multiply(mat4.translation(of(shift)), mat4.scaling(of(scale))) as Float32Array;
}

/** The more samples there are, the fainter each of them. */
const opacityOf = (count: number): number => Math.min(0.65, Math.max(0.08, 60 / Math.sqrt(count) / 3));
