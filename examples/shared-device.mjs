// One GPUDevice for your own WebGPU code and for the search. Run: node examples/shared-device.mjs
//
// A compute pass of ours fills a height map; the search climbs it where it lies, and the device stays ours throughout.
import { maximize } from 'modescape';
import { openGpu } from 'modescape/node';

const SIZE = 256;
const { gpu } = await openGpu();
const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice({ label: 'ours' });

const pipelineOf = (code) => device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } });
const bind = (pipeline, ...buffers) =>
  device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });

// Our own work: three hills on a map of SIZE x SIZE heights.
const heights = device.createBuffer({ size: 4 * SIZE * SIZE, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
const draw = pipelineOf(`
  @group(0) @binding(0) var<storage, read_write> heights: array<f32>;
  fn hill(p: vec2f, centre: vec2f, width: f32) -> f32 { let u = (p - centre) / width; return exp(-0.5 * dot(u, u)); }
  @compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
    let p = vec2f(id.xy) / ${SIZE - 1}.0;
    heights[id.y * ${SIZE}u + id.x] = hill(p, vec2f(0.25, 0.3), 0.08) + 0.8 * hill(p, vec2f(0.7, 0.2), 0.06) + 0.6 * hill(p, vec2f(0.6, 0.75), 0.1);
  }`);
const encoder = device.createCommandEncoder();
const pass = encoder.beginComputePass();
pass.setPipeline(draw);
pass.setBindGroup(0, bind(draw, heights));
pass.dispatchWorkgroups(SIZE / 8, SIZE / 8);
pass.end();
device.queue.submit([encoder.finish()]);

// The objective: the map between its grid points, for a whole batch of points at once.
const look = pipelineOf(`
  @group(0) @binding(0) var<storage, read> heights: array<f32>;
  @group(0) @binding(1) var<storage, read> points: array<vec2f>;
  @group(0) @binding(2) var<storage, read_write> values: array<f32>;
  @group(0) @binding(3) var<uniform> count: u32;
  fn height(cell: vec2u) -> f32 { return heights[cell.y * ${SIZE}u + cell.x]; }
  @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= count) { return; }
    let p = clamp(points[id.x], vec2f(0.0), vec2f(1.0)) * ${SIZE - 1}.0;
    let cell = min(vec2u(p), vec2u(${SIZE - 2}u));
    let t = smoothstep(vec2f(0.0), vec2f(1.0), p - vec2f(cell));
    let low = mix(height(cell), height(cell + vec2u(1u, 0u)), t.x);
    let high = mix(height(cell + vec2u(0u, 1u)), height(cell + vec2u(1u, 1u)), t.x);
    values[id.x] = mix(low, high, t.y);
  }`);
const count = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });

const { modes } = await maximize({
  device,
  buffers: {
    // `run` submits work of its own; with `encode` it would join the search's own submits.
    async run({ points, values, count: rows }) {
      device.queue.writeBuffer(count, 0, new Uint32Array([rows]));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(look);
      pass.setBindGroup(0, bind(look, heights, points, values, count));
      pass.dispatchWorkgroups(Math.ceil(rows / 64));
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
  },
  box: [
    [0, 1],
    [0, 1],
  ],
  // Between grid points such a map has a flat spot at each of them: the hills' means are what is wanted.
  waves: 1,
  components: 12,
});
const summits = modes.filter(({ value }) => value > 0.3);
for (const { x, value } of summits) console.log(x.map((coordinate) => coordinate.toFixed(2)).join(' '), value.toFixed(2));

// Still ours: read the highest grid point back.
const copy = device.createBuffer({ size: heights.size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
const last = device.createCommandEncoder();
last.copyBufferToBuffer(heights, 0, copy, 0, heights.size);
device.queue.submit([last.finish()]);
await copy.mapAsync(GPUMapMode.READ);
const all = new Float32Array(copy.getMappedRange());
console.log(`highest grid point ${all.reduce((a, b) => Math.max(a, b)).toFixed(2)}; the device is ${device.label}`);
device.destroy();
