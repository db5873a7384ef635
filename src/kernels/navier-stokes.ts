/**
 * The vorticity equation on the torus for an ensemble, pseudo-spectral, in two passes a right-hand side: rows (transforms along y and
 * the product) and columns (transforms along x and the step in time). Formulas sheet `kalman.md` sections 5.8 and 7: two real fields
 * share a complex transform, `u + i v`, `w_x + i w_y`, and two rows of their product. An invocation transforms whole lines, so no
 * pass has a barrier; neighbouring lanes are members, so every access is to neighbouring numbers. The arithmetic on lines is written
 * out; accesses to buffers stand in loops, since software drivers compile each at length (written out, minutes at a grid of 64).
 */
import places from '../../shaders/lib/navier_stokes.wgsl?raw';
import columns from '../../shaders/navier_stokes_columns.wgsl?raw';
import observe from '../../shaders/navier_stokes_observe.wgsl?raw';
import rows from '../../shaders/navier_stokes_rows.wgsl?raw';
import start from '../../shaders/navier_stokes_start.wgsl?raw';
import { type Binding, compose, type KernelSource } from '../gpu/wgsl.ts';
import { lineTransform, unrolled } from './fft-unrolled.ts';

export interface NavierStokesSpec {
  /** Unknowns of the initial vorticity. */
  dim: number;
  /** Points in each direction, a power of two. */
  grid: number;
  /** The largest wave number kept in each direction. */
  kept: number;
  /** Velocity of the mean flow along y. */
  meanFlow: number;
  /** The vorticity is forced by `amplitude sin(number x)`. */
  forcing: { amplitude: number; number: number };
  /** Observed are `rows` places in y, and the places 1 .. `columns` of `fraction` in x, at each of `times`. `rows` divides `fraction`. */
  observed: { times: number; columns: number; rows: number; fraction: number };
}

/** Members stand in blocks of this many, one a lane. */
export const MEMBERS_A_BLOCK = 32;

/** Numbers (4 bytes) in the buffers for `members` members. */
export function navierStokesSizes({ grid, kept }: NavierStokesSpec, members: number): Record<'state' | 'fields' | 'products', number> {
  const held = MEMBERS_A_BLOCK * Math.ceil(members / MEMBERS_A_BLOCK);
  const columns = kept + 1;
  return { state: held * 2 * columns * (2 * kept + 1), fields: held * 8 * grid * columns, products: held * 2 * grid * columns };
}

/** Workgroups of each kernel in x; in y it is one a block of members. */
export function navierStokesGrids({ grid, kept, observed }: NavierStokesSpec) {
  return { start: (kept + 1) * (2 * kept + 1), rows: grid / 2, columns: kept + 1, observe: observed.columns };
}

function composed(spec: NavierStokesSpec, name: string, bindings: readonly Binding[], modules: readonly string[]): KernelSource {
  const { dim, grid, kept, meanFlow, forcing, observed } = spec;
  return compose({
    label: `Navier-Stokes ${name}`,
    lanes: MEMBERS_A_BLOCK,
    constants: {
      DIM: dim,
      ms_GRID: grid,
      ms_KEPT: kept,
      ms_COLUMNS: kept + 1,
      ms_WIDTH: 2 * kept + 1,
      ms_SCALE: String(1 / grid ** 2),
      ms_MEAN_FLOW: String(meanFlow),
      // a sin(m x) has the coefficients -i a / 2 at m and i a / 2 at -m.
      ms_FORCING_HALF: String(forcing.amplitude / 2),
      ms_FORCING_NUMBER: String(forcing.number),
      ms_OBSERVED_TIMES: observed.times,
      ms_OBSERVED_COLUMNS: observed.columns,
      ms_OBSERVED_ROWS: observed.rows,
      ms_COLUMN_FRACTION: observed.fraction,
    },
    bindings: [{ name: 'ms_chunk', kind: 'uniform', type: 'ms_Chunk' }, ...bindings],
    modules: [places, ...modules],
  });
}

/** `ms_modes` and `ms_parameters` -> `ms_state`. */
export const navierStokesStart = (spec: NavierStokesSpec): KernelSource =>
  composed(
    spec,
    'start',
    [
      { name: 'ms_modes', kind: 'read', type: 'array<vec4f>' },
      { name: 'ms_parameters', kind: 'read', type: 'array<f32>' },
      { name: 'ms_state', kind: 'write', type: 'array<vec2f>' },
    ],
    [start],
  );

/** `ms_fields` -> `ms_products`. */
export function navierStokesRows(spec: NavierStokesSpec): KernelSource {
  const multiply = (name: string, part: string): string => `
fn ${name}(products: ptr<function, ms_Line>, velocity: ptr<function, ms_Line>, gradient: ptr<function, ms_Line>) {
${unrolled(spec.grid, (j) => `(*products)[${j}].${part} = ms_advection((*velocity)[${j}], (*gradient)[${j}]);`)}}
`;
  return composed(
    spec,
    'rows',
    [
      { name: 'ms_fields', kind: 'read', type: 'array<vec4f>' },
      { name: 'ms_products', kind: 'write', type: 'array<vec4f>' },
    ],
    // Real and imaginary part exchanged, for the transform with the other sign.
    [lineTransform(spec.grid), multiply('ms_multiply_first', 'y'), multiply('ms_multiply_second', 'x'), rows],
  );
}

/** `ms_products`, `ms_state`, `ms_next` -> `ms_state`, `ms_next`, `ms_fields`; `ms_stages` holds the stage's coefficients of every mode. */
export function navierStokesColumns(spec: NavierStokesSpec): KernelSource {
  const { grid, kept } = spec;
  const place = (wave: number): string => {
    const kx = (wave - kept).toFixed(1);
    return `(*line)[${(wave - kept + grid) % grid}] = ms_derivatives((*argument)[${wave}], sign * ${kx}, ky, ms_over(${kx}, ky, of_stream));`;
  };
  const lines = `
fn ms_place_column(line: ptr<function, ms_Line>, argument: ptr<function, ms_Column>, sign: f32, ky: f32, of_stream: bool) {
  *line = ms_Line();
${unrolled(2 * kept + 1, place)}}
`;
  return composed(
    spec,
    'columns',
    [
      { name: 'ms_stage', kind: 'uniform', type: 'ms_Stage' },
      { name: 'ms_stages', kind: 'read', type: 'array<vec4f>' },
      { name: 'ms_products', kind: 'read', type: 'array<vec4f>' },
      { name: 'ms_state', kind: 'write', type: 'array<vec2f>' },
      { name: 'ms_next', kind: 'write', type: 'array<vec2f>' },
      { name: 'ms_fields', kind: 'write', type: 'array<vec2f>' },
    ],
    [lineTransform(grid), lines, columns],
  );
}

/** `ms_state` -> the predictions of time `ms_time`; `ms_turns` holds cosine and sine of the fractions of a turn. */
export const navierStokesObserve = (spec: NavierStokesSpec): KernelSource =>
  composed(
    spec,
    'observe',
    [
      { name: 'ms_time', kind: 'uniform', type: 'u32' },
      { name: 'ms_turns', kind: 'read', type: 'array<vec2f>' },
      { name: 'ms_state', kind: 'read', type: 'array<vec2f>' },
      { name: 'ms_predictions', kind: 'write', type: 'array<f32>' },
    ],
    [observe],
  );
