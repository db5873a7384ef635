/** Draws a mixture, its samples and its trails with WebGPU out of the engine's own buffers. Nothing is read back. */
import { field, recordSize } from '../../src/kernels/state.ts';
import type { Palette } from '../palette.ts';
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
  /** From search coordinates of the axes to clip space. */
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
 * adapter pays some microseconds for every vertex, so its trails are plain lines and its edges are not smoothed.
 */
const detail = {
  hardware: { fewSamples: 6000, segments: 48, smoothing: 4, trail: 'trail' },
  software: { fewSamples: 400, segments: 32, smoothing: 1, trail: 'line' },
} as const;
/** Floats and words of the view block. */
const VIEW_SIZE = 4 * (16 + 4 + 12 + 4 + 32);

type Pipelines = Record<'point' | 'square' | 'outline' | 'dot' | 'trail' | 'line' | 'ellipsoid' | 'edge', GPURenderPipeline>;

export class Painter {
  readonly #device: GPUDevice;
  readonly #context: GPUCanvasContext;
  readonly #format: GPUTextureFormat;
  readonly #layout: GPUBindGroupLayout;
  readonly #pipelines = new Map<number, Pipelines>();
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
        ...[1, 2, 3, 4].map((binding) => ({
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

  /** Samples that are drawn of each component. */
  static shown({ samples }: DrawnState, most: number): number {
    return samples ? Math.min(samples.perComponent, Math.max(1, Math.floor(most / samples.components))) : 0;
  }

  clear(): void {
    const encoder = this.#device.createCommandEncoder({ label: 'clear' });
    this.#begin(encoder).end();
    this.#device.queue.submit([encoder.finish()]);
  }

  paint(state: DrawnState, painting: Painting): void {
    const { engine } = state;
    const pipelines = this.#pipelinesFor(engine.dim);
    const marks = new Uint32Array(1024);
    for (const k of painting.marked) marks[k] = 1;
    this.#device.queue.writeBuffer(this.#marks, 0, marks);
    painting.panels.forEach((panel, i) => {
      this.#device.queue.writeBuffer(this.#view(i), 0, viewBlock(state, painting, panel));
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
    const { engine, samples, drawnFrom, trails: ring } = state;
    const { components: count } = engine;
    const components = engine.buffer('ms_components');
    const factors = engine.buffer('ms_factors');
    const current = this.#bind(view, components, factors, ring.buffer);
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
      pass.setBindGroup(0, this.#bind(view, drawnFrom.components, drawnFrom.factors, samples.draws));
      const total = shown * count;
      if (total <= this.#detail.fewSamples) draw('square', 4, total);
      else draw('point', total, 1);
    }
    pass.setBindGroup(0, current);
    if (painting.trails && ring.length > 1) {
      if (this.#detail.trail === 'trail') draw('trail', 6 * (ring.length - 1), count);
      else draw('line', ring.length, count);
    }
    if (!painting.ellipses) return;
    const { segments } = this.#detail;
    if (panel.solid) draw('ellipsoid', 6 * (segments / 4) * (segments / 2), count);
    else draw('outline', 2 * (segments + 1), 3 * count);
    draw('dot', 4, count);
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

  #bind(view: GPUBuffer, components: GPUBuffer, factors: GPUBuffer, draws: GPUBuffer): GPUBindGroup {
    const buffers = [view, components, factors, draws, this.#marks];
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

  #pipelinesFor(dim: number): Pipelines {
    const known = this.#pipelines.get(dim);
    if (known) return known;
    const head = [
      `DIM: u32 = ${dim}u`,
      `RECORD: u32 = ${recordSize(dim)}u`,
      `MEAN: u32 = ${field.mean}u`,
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
      line: make('trail_line', 'line-strip'),
      ellipsoid: make('ellipsoid', 'triangle-list'),
      edge: make('edge', 'line-list'),
    };
    this.#pipelines.set(dim, made);
    return made;
  }
}

const overComponent = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' } as const;
const over: GPUBlendState = { color: overComponent, alpha: overComponent };

function viewBlock(state: DrawnState, painting: Painting, panel: Panel): ArrayBuffer {
  const { engine, samples, trails: ring } = state;
  const block = new ArrayBuffer(VIEW_SIZE);
  const floats = new Float32Array(block);
  const words = new Uint32Array(block);
  const shown = Painter.shown(state, painting.mostSamples);
  floats.set(panel.camera, 0);
  words.set([...panel.axes, engine.components], 16);
  floats.set([panel.width, panel.height, painting.ratio], 20);
  words.set([shown, samples?.perComponent ?? 0, samples?.stride ?? 0, ring.first, ring.capacity, ring.stride], 23);
  words[29] = painting.marked.size > 0 ? 1 : 0;
  floats.set([opacityOf(shown * engine.components), shown * engine.components > 2000 ? 1.6 : 2.4], 30);
  floats.set(painting.palette.haloColour, 32);
  painting.palette.componentColours.forEach((colour, i) => {
    floats.set([...colour, 1], 36 + 4 * i);
  });
  return block;
}

/** The more samples there are, the fainter each of them. */
const opacityOf = (count: number): number => Math.min(0.65, Math.max(0.08, 60 / Math.sqrt(count) / 3));
