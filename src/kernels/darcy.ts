/** Darcy flow of a batch: its permeability on a hierarchy of grids, then pressure and observations by multigrid conjugate gradients. */
import cycle from '../../shaders/darcy_cycle.wgsl?raw';
import permeability from '../../shaders/darcy_permeability.wgsl?raw';
import pressure from '../../shaders/darcy_pressure.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';

export interface DarcySpec {
  /** Modes of the log-permeability. */
  dim: number;
  /** Frequencies 0, 1, ... of a mode along an axis: one more than the largest. */
  frequencies: number;
  /** Nodes a side, with the boundary. */
  nodes: number;
  /** First observed row and column of nodes, and the distance to the next. */
  firstObserved: number;
  spacing: number;
}

/** One grid of the hierarchy: nodes a side, where it begins in a field over all grids, nodes a side of all finer ones together. */
export interface DarcyGrid {
  nodes: number;
  first: number;
  before: number;
}

/** Grids of half the intervals each, rounded up, down to two unknowns a side. */
export function darcyGrids(nodes: number): DarcyGrid[] {
  const grids: DarcyGrid[] = [{ nodes, first: 0, before: 0 }];
  for (let last = grids[0]; last.nodes > 4; ) {
    last = {
      nodes: Math.ceil((last.nodes - 1) / 2) + 1,
      first: last.first + last.nodes ** 2,
      before: last.before + last.nodes,
    };
    grids.push(last);
  }
  return grids;
}

/** Entries of a field over all grids, and rows of their lower halves, with a middle row. */
export function darcySizes(nodes: number): { field: number; rows: number } {
  const grids = darcyGrids(nodes);
  const last = grids[grids.length - 1];
  return { field: last.first + last.nodes ** 2, rows: grids.reduce((sum, grid) => sum + Math.ceil(grid.nodes / 2), 0) };
}

/** Observed nodes along an axis: one interval of observation off the far boundary at least. */
const observedRows = ({ nodes, firstObserved, spacing }: DarcySpec): number =>
  Math.floor((nodes - 1 - spacing - firstObserved) / spacing) + 1;

/** Observed columns of the half x1 <= 1/2: each stands for itself and its mirror image. */
const observedColumns = (spec: DarcySpec): number =>
  Math.min(observedRows(spec), Math.floor(((spec.nodes - 1) / 2 - spec.firstObserved) / spec.spacing) + 1);

export const darcyObservations = (spec: DarcySpec): { columns: number; count: number } => ({
  columns: observedColumns(spec),
  count: observedColumns(spec) * observedRows(spec),
});

/** Floats a member's solve works in: r and z on all grids, then p, q, x. */
export const darcyWork = (nodes: number): number => 2 * darcySizes(nodes).field + 3 * nodes ** 2;

/**
 * The step that lowers the squared energy norm by less than this share is the last: 5 or 6 for theta from the prior, whatever the grid,
 * and data within 1e-5 of float64. With four times that deviation, log a in [-18, 18], it takes 8. Past the most steps a solve has failed.
 */
const SHARE = '1.0e-9';
const STEPS = 40;

/** Lanes of the solve's workgroup, and its columns of nodes at a time. Software adapters take 8 to 128 lanes alike, within a third. */
const LANES = 64;
const WIDTH = 8;

/** Invocations of a workgroup, each one (member, row of a grid). */
export const PERMEABILITY_LANES = 64;

/** Reads `ms_parameters` and the basis; writes `ms_permeability`. */
export function darcyPermeabilityKernel({ dim, frequencies, nodes }: DarcySpec): KernelSource {
  const { field, rows } = darcySizes(nodes);
  return compose({
    label: 'darcy permeability',
    lanes: PERMEABILITY_LANES,
    constants: { DIM: dim, ms_FREQUENCIES: frequencies, ms_FIELD: field, ms_ROWS: rows },
    bindings: [
      ...declare('read', 'ms_parameters', 'ms_cosines'),
      { name: 'ms_groups', kind: 'read', type: 'array<u32>' },
      { name: 'ms_modes', kind: 'read', type: 'array<vec4u>' },
      { name: 'ms_rows', kind: 'read', type: 'array<vec4u>' },
      ...declare('write', 'ms_permeability'),
    ],
    modules: [shared.numbers, permeability],
  });
}

/** Reads `ms_permeability` and `ms_forcing`; writes `ms_predictions` (NaN where a solve failed) and `ms_steps` (0 there). */
export function darcyPressureKernel(spec: DarcySpec): KernelSource {
  const { nodes } = spec;
  const { field } = darcySizes(nodes);
  const { columns, count } = darcyObservations(spec);
  return compose({
    label: 'darcy pressure',
    lanes: LANES,
    constants: {
      DIM: spec.dim,
      ms_NODES: nodes,
      ms_LEVELS: darcyGrids(nodes).length,
      ms_FIELD: field,
      ms_WORK: darcyWork(nodes),
      ms_R: 0,
      ms_Z: field,
      ms_P: 2 * field,
      ms_Q: 2 * field + nodes ** 2,
      ms_X: 2 * field + 2 * nodes ** 2,
      ms_WIDTH: WIDTH,
      ms_STEPS: STEPS,
      ms_SHARE: SHARE,
      ms_OBSERVATIONS: count,
      ms_COLUMNS: columns,
      ms_FIRST_OBSERVED: spec.firstObserved,
      ms_SPACING: spec.spacing,
    },
    bindings: [
      { name: 'ms_levels', kind: 'uniform', type: `array<vec4u, ${darcyGrids(nodes).length}>` },
      ...declare('read', 'ms_permeability', 'ms_forcing'),
      ...declare('write', 'ms_work'),
      { name: 'ms_predictions', kind: 'write', type: 'array<u32>' },
      { name: 'ms_steps', kind: 'write', type: 'array<u32>' },
    ],
    modules: [shared.numbers, cycle, pressure],
  });
}
