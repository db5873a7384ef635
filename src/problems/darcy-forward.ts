/** Darcy flow as a forward model on the GPU: a batch in chunks of members whose fields fit into memory. */
import { allocating, BufferSet } from '../gpu/buffers.ts';
import { compile, gridOf } from '../gpu/pipelines.ts';
import {
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
export function chunkOf(device: GPUDevice, { spec, memory }: DarcyForwardOptions, members: number, observations: number): number {
  const { maxStorageBufferBindingSize: binding, maxComputeWorkgroupsPerDimension: workgroups } = device.limits;
  const each = darcyWork(spec.nodes);
  const fit = Math.min(memory / (4 * (each + darcySizes(spec.nodes).field)), binding / (4 * each), workgroups);
  if (members <= fit) return members;
  const step = chunkStep(device, spec.dim, observations);
  return Math.min(members, Math.max(step, step * Math.floor(fit / step)));
}

/** The basis as the permeability kernel reads it, the grids' places, and the forcing, times the 2 h^2 of the equations solved. */
function makeTables(set: BufferSet, { spec, modes, forcing }: DarcyForwardOptions) {
  const { nodes, frequencies } = spec;
  const grids = darcyGrids(nodes);
  const cosines = new Float32Array(frequencies * darcySizes(nodes).rows);
  for (const grid of grids) cosines.set(cosineTable(grid.nodes, frequencies), frequencies * grid.firstRow);
  const rowsOf = ({ nodes, first, firstRow }: (typeof grids)[number]) =>
    Array.from({ length: nodes }, (_, y) => [nodes, frequencies * (firstRow + y), frequencies * firstRow, first + y * nodes]).flat();
  return {
    ms_scales: set.create('darcy scales', Float32Array.from(modes, ({ scale }) => scale)),
    ms_modes: set.create('darcy modes', Uint32Array.from(modes.flatMap(({ l1, l2 }) => [l1, l2]))),
    ms_cosines: set.create('darcy cosines', cosines),
    ms_rows: set.create('darcy rows', Uint32Array.from(grids.flatMap(rowsOf))),
    ms_levels: set.create('darcy levels', Uint32Array.from(grids.flatMap(({ nodes, first }) => [nodes, first, 0, 0]))),
    ms_forcing: set.create('darcy forcing', Float32Array.from(forcing, (f) => (2 * f) / (nodes - 1) ** 2)),
  };
}

export function darcyForward(options: DarcyForwardOptions, observations: number): BufferForward {
  const { spec } = options;
  const { field, rows } = darcySizes(spec.nodes);
  return {
    async open(device, members): Promise<OpenForward> {
      const [permeability, pressure] = await Promise.all([
        compile(device, darcyPermeabilityKernel(spec)),
        compile(device, darcyPressureKernel(spec)),
      ]);
      const chunk = chunkOf(device, options, members, observations);
      const set = new BufferSet(device);
      const make = () => ({
        ...makeTables(set, options),
        ms_permeability: set.create('darcy permeability', chunk * field),
        ms_work: set.create('darcy work', chunk * darcyWork(spec.nodes)),
        ms_steps: set.create('darcy steps', chunk),
      });
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
