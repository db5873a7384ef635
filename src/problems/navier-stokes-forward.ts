/** The Navier-Stokes forward model on the GPU, in float32: a batch of members in chunks that fit the device. */
import { BufferSet } from '../gpu/buffers.ts';
import { largestBinding } from '../gpu/device.ts';
import { LimitError } from '../gpu/errors.ts';
import { compile, type Pipeline, type Resource } from '../gpu/pipelines.ts';
import {
  MEMBERS_A_BLOCK,
  type NavierStokesSpec,
  navierStokesColumns,
  navierStokesGrids,
  navierStokesObserve,
  navierStokesRows,
  navierStokesSizes,
  navierStokesStart,
} from '../kernels/navier-stokes.ts';
import type { BufferForward, ForwardBatch, OpenForward } from '../objective/forward.ts';
import {
  COLUMN_FRACTION,
  type Flow,
  FORCING_AMPLITUDE,
  FORCING_NUMBER,
  keptWaves,
  MEAN_FLOW,
  OBSERVATIONS,
  OBSERVED_COLUMNS,
  OBSERVED_ROWS,
  OBSERVED_TIMES,
  type Stage,
  stagesOf,
  stepsOf,
  VISCOSITY,
} from './navier-stokes-flow.ts';
import { initialModes } from './navier-stokes-modes.ts';

/** Members a chunk at most: enough to fill a GPU, at 72 KiB each (grid 64). */
const CHUNK = 1024;

export interface ForwardOptions {
  /** Members a chunk at most; the same numbers come out whatever it is. */
  readonly chunk?: number;
}

export function navierStokesForward(flow: Flow, { chunk = CHUNK }: ForwardOptions = {}): BufferForward {
  return { dim: flow.unknowns, observations: OBSERVATIONS, open: (device, members) => open(device, flow, members, chunk) };
}

export const specOf = ({ grid, unknowns }: Flow): NavierStokesSpec => ({
  dim: unknowns,
  grid,
  kept: keptWaves(grid),
  meanFlow: MEAN_FLOW,
  forcing: { amplitude: FORCING_AMPLITUDE, number: FORCING_NUMBER },
  observed: { times: OBSERVED_TIMES, columns: OBSERVED_COLUMNS, rows: OBSERVED_ROWS, fraction: COLUMN_FRACTION },
});

/** A chunk ready to run: its uniform, and the groups that do not depend on the caller's buffers. */
interface Chunk {
  readonly blocks: number;
  readonly uniform: GPUBuffer;
  readonly rows: GPUBindGroup;
  readonly begin: GPUBindGroup;
  readonly stages: readonly GPUBindGroup[];
}

async function open(device: GPUDevice, flow: Flow, members: number, most: number): Promise<OpenForward> {
  const spec = specOf(flow);
  const size = fittingChunk(device, spec, Math.min(members, most));
  const grids = navierStokesGrids(spec);
  const steps = stepsOf(flow);
  const [start, rows, columns, observe] = await Promise.all(
    [navierStokesStart(spec), navierStokesRows(spec), navierStokesColumns(spec), navierStokesObserve(spec)].map((source) =>
      compile(device, source),
    ),
  );

  const set = new BufferSet(device);
  const counts = navierStokesSizes(spec, size);
  const tables = stageTables(flow);
  const shared = {
    ms_state: set.create('vorticity', counts.state),
    ms_next: set.create('next vorticity', counts.state),
    ms_fields: set.create('velocity and gradient', counts.fields),
    ms_products: set.create('advection', counts.products),
    ms_modes: set.create('initial modes', modeTable(flow)),
    ms_turns: set.create('turns', turns()),
  };
  const stageBuffers = tables.map((table, s) => ({
    ms_stage: set.create(`stage ${s}`, Uint32Array.of(0, Number(s === 0), Number(s === tables.length - 1), 0)),
    ms_stages: set.create(`coefficients of stage ${s}`, table),
  }));
  const beginning = { ms_stage: set.create('beginning', Uint32Array.of(1, 0, 0, 0)), ms_stages: stageBuffers[0].ms_stages };
  const times = Array.from({ length: OBSERVED_TIMES }, (_, time) => set.create(`time ${time}`, Uint32Array.of(time)));

  // A chunk's uniform is written once: encoders that are still to be submitted may read it.
  const chunks = new Map<string, Chunk>();
  const chunkOf = (first: number, count: number): Chunk => {
    const key = `${first} ${count}`;
    const known = chunks.get(key);
    if (known) return known;
    const uniform = set.create(`chunk ${key}`, Uint32Array.of(count, first, spec.kept, spec.grid));
    const group = (pipeline: Pipeline, own: Record<string, Resource> = {}) => pipeline.bind({ ms_chunk: uniform, ...shared, ...own });
    const made = {
      blocks: Math.ceil(count / MEMBERS_A_BLOCK),
      uniform,
      rows: group(rows),
      begin: group(columns, beginning),
      stages: stageBuffers.map((own) => group(columns, own)),
    };
    chunks.set(key, made);
    return made;
  };

  function encodeChunk(batch: ForwardBatch, encoder: GPUCommandEncoder, first: number, count: number): void {
    const chunk = chunkOf(first, count);
    const own = { ms_chunk: chunk.uniform, ms_parameters: batch.parameters, ms_predictions: batch.predictions };
    const pass = encoder.beginComputePass({ label: 'Navier-Stokes' });
    const run = (pipeline: Pipeline, group: GPUBindGroup, x: number) => pipeline.encode(pass, group, { x, y: chunk.blocks });
    run(start, start.bind({ ...shared, ...own }), grids.start);
    run(columns, chunk.begin, grids.columns);
    for (let step = 1; step <= steps; step++) {
      for (const stage of chunk.stages) {
        run(rows, chunk.rows, grids.rows);
        run(columns, stage, grids.columns);
      }
      const observed = (step * OBSERVED_TIMES) / steps;
      if (Number.isInteger(observed)) run(observe, observe.bind({ ...shared, ...own, ms_time: times[observed - 1] }), grids.observe);
    }
    pass.end();
  }

  return {
    encode(batch, encoder) {
      for (let first = 0; first < batch.count; first += size) encodeChunk(batch, encoder, first, Math.min(size, batch.count - first));
    },
    dispose: () => set.destroy(),
  };
}

/**
 * Members a chunk that fit the device's largest binding.
 * @throws LimitError when not even one block fits.
 */
function fittingChunk(device: GPUDevice, spec: NavierStokesSpec, members: number): number {
  const available = largestBinding(device);
  const block = 4 * Math.max(...Object.values(navierStokesSizes(spec, MEMBERS_A_BLOCK)));
  const blocks = Math.floor(available / block);
  if (blocks < 1) {
    throw new LimitError(
      `A grid of ${spec.grid} needs ${block} bytes in one binding; use a coarser grid.`,
      'maxStorageBufferBindingSize',
      block,
      available,
    );
  }
  return Math.min(members, blocks * MEMBERS_A_BLOCK, device.limits.maxComputeWorkgroupsPerDimension * MEMBERS_A_BLOCK);
}

/** Of every stored coefficient (kx, ky >= 0): its unknowns of cosine and sine (-1: none), its size, and the sign of the sine. */
function modeTable({ grid, unknowns }: Flow): Float32Array<ArrayBuffer> {
  const kept = keptWaves(grid);
  const modes = initialModes(unknowns);
  const numbers = new Map(modes.map(({ kx, ky }, i) => [`${kx} ${ky}`, i]));
  const table: number[] = [];
  for (let ky = 0; ky <= kept; ky++) {
    for (let kx = -kept; kx <= kept; kx++) {
      // The coefficient at k of a sin(k.x) + b cos(k.x) is (b - i a) / 2; the sine stands under k of the upper half, the cosine under -k.
      const upper = ky > 0 || kx > 0 ? 1 : -1;
      const sine = numbers.get(`${upper * kx} ${upper * ky}`) ?? -1;
      const cosine = numbers.get(`${-upper * kx} ${-upper * ky}`) ?? -1;
      const amplitude = modes[Math.max(sine, cosine)]?.amplitude ?? 0;
      table.push(cosine, sine, 0.5 * amplitude, upper);
    }
  }
  return Float32Array.from(table);
}

/** Each stage's coefficients of every stored mode, those near 1 less 1: rounded themselves they would err alike in every step. */
function stageTables(flow: Flow): Float32Array<ArrayBuffer>[] {
  const kept = keptWaves(flow.grid);
  const byMode: (readonly Stage[])[] = [];
  for (let ky = 0; ky <= kept; ky++) {
    for (let kx = -kept; kx <= kept; kx++) byMode.push(stagesOf(flow, VISCOSITY * (kx * kx + ky * ky)));
  }
  return byMode[0].map((_, s) =>
    Float32Array.from(
      byMode.flatMap((stages) => {
        const { fromStart, fromSlope, keep, add } = stages[s];
        return [fromStart - 1, fromSlope, keep - 1, add];
      }),
    ),
  );
}

/** Cosine and sine of the fractions of a turn at which the data are taken. */
const turns = (): Float32Array<ArrayBuffer> =>
  Float32Array.from(
    Array.from({ length: COLUMN_FRACTION }, (_, m) => (2 * Math.PI * m) / COLUMN_FRACTION).flatMap((angle) => [
      Math.cos(angle),
      Math.sin(angle),
    ]),
  );
