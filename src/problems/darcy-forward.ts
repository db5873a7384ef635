/** Darcy flow as a forward model on the GPU: a batch in chunks of members whose fields fit into memory. */
import { allocating, BufferSet, type HostArray } from '../gpu/buffers.ts';
import { compile, gridOf } from '../gpu/pipelines.ts';
import {
  type DarcyGrid,
  type DarcySpec,
  darcyGrids,
  darcyPermeabilityKernel,
  darcyPressureKernel,
  darcySizes,
  darcyWork,
  PERMEABILITY_LANES,
} from '../kernels/darcy.ts';
import type { BufferForward, ForwardBatch, OpenForward } from '../objective/forward.ts';
import { cosineTable, type DarcyMode } from './darcy-basis.ts';

export interface DarcyForwardOptions {
  readonly spec: DarcySpec;
  readonly modes: readonly DarcyMode[];
  /** f on the nodes, row by row. */
  readonly forcing: Float64Array;
  /** Bytes for the members' fields, at most (but one step of members at least). */
  readonly memory: number;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** Members between two places where a chunk may begin: its rows of parameters and predictions must be aligned. */
function chunkStep(device: GPUDevice, dim: number, observations: number): number {
  const alignment = device.limits.minStorageBufferOffsetAlignment / 4;
  return alignment / greatestDivisor(alignment, greatestDivisor(dim, observations));
}

/** Members a chunk. */
function chunkOf(device: GPUDevice, { spec, memory }: DarcyForwardOptions, members: number, observations: number): number {
  const { maxStorageBufferBindingSize: binding, maxComputeWorkgroupsPerDimension: workgroups } = device.limits;
  const each = darcyWork(spec.nodes);
  const fit = Math.min(memory / (4 * (each + darcySizes(spec.nodes).field)), binding / (4 * each), workgroups);
  if (members <= fit) return members;
  const step = chunkStep(device, spec.dim, observations);
  return Math.min(members, Math.max(step, step * Math.floor(fit / step)));
}

/** The modes by l1, and where each l1 begins: l2, the parameter's number and the scale's bits. */
function modeTables(modes: readonly DarcyMode[], frequencies: number) {
  const order = modes.map((_, m) => m).sort((a, b) => modes[a].l1 - modes[b].l1 || a - b);
  const scales = new Uint32Array(Float32Array.from(modes, ({ scale }) => scale).buffer);
  return {
    groups: Uint32Array.from({ length: frequencies + 1 }, (_, l) => modes.filter(({ l1 }) => l1 < l).length),
    ordered: Uint32Array.from(order.flatMap((m) => [modes[m].l2, m, scales[m], 0])),
  };
}

/** What both kernels read, by name: the basis, the grids, and the forcing times the 2 h^2 of the equations solved. */
export function darcyTables({ spec, modes, forcing }: DarcyForwardOptions): Record<string, HostArray> {
  const { nodes, frequencies } = spec;
  const grids = darcyGrids(nodes);
  const { groups, ordered } = modeTables(modes, frequencies);
  const rowsOf = ({ nodes, first, before }: DarcyGrid) =>
    Array.from({ length: Math.ceil(nodes / 2) }, (_, y) => [nodes, first, frequencies * before, y]).flat();
  return {
    ms_groups: groups,
    ms_modes: ordered,
    ms_cosines: Float32Array.from(grids.flatMap((grid) => [...cosineTable(grid.nodes, frequencies)])),
    ms_rows: Uint32Array.from(grids.flatMap(rowsOf)),
    ms_levels: Uint32Array.from(grids.flatMap(({ nodes, first }) => [nodes, first, 0, 0])),
    ms_forcing: Float32Array.from(forcing, (f) => (2 * f) / (nodes - 1) ** 2),
  };
}

export function darcyForward(options: DarcyForwardOptions, observations: number): BufferForward {
  const { spec } = options;
  const { field, rows } = darcySizes(spec.nodes);
  return {
    dim: spec.dim,
    observations,
    async open(device, members): Promise<OpenForward> {
      const [permeability, pressure] = await Promise.all([
        compile(device, darcyPermeabilityKernel(spec)),
        compile(device, darcyPressureKernel(spec)),
      ]);
      const chunk = chunkOf(device, options, members, observations);
      const set = new BufferSet(device);
      const contents: Record<string, HostArray | number> = {
        ...darcyTables(options),
        ms_permeability: chunk * field,
        ms_work: chunk * darcyWork(spec.nodes),
        ms_steps: chunk,
      };
      const make = () => Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, set.create(name, content)]));
      const buffers = await allocating(device, 'the fields of Darcy flow', make, () => set.destroy());

      const encodeChunk = (batch: ForwardBatch, pass: GPUComputePassEncoder, first: number, count: number) => {
        const rowsOf = (buffer: GPUBuffer, width: number) => ({ buffer, offset: 4 * first * width, size: 4 * count * width });
        const bound = {
          ...buffers,
          ms_parameters: rowsOf(batch.parameters, batch.dim),
          ms_predictions: rowsOf(batch.predictions, batch.observations),
        };
        permeability.encode(pass, permeability.bind(bound), gridOf(Math.ceil((count * rows) / PERMEABILITY_LANES)));
        pressure.encode(pass, pressure.bind(bound), { x: count, y: 1 });
      };
      return {
        encode(batch, encoder) {
          const pass = encoder.beginComputePass({ label: 'darcy' });
          for (let first = 0; first < batch.count; first += chunk) encodeChunk(batch, pass, first, Math.min(chunk, batch.count - first));
          pass.end();
        },
        dispose: () => set.destroy(),
      };
    },
  };
}
