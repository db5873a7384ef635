/**
 * The vorticity equation on the torus for an ensemble, pseudo-spectral, in two passes a right-hand side: rows (transforms along y and
 * the product) and columns (transforms along x and the step in time). Formulas sheet `kalman.md` sections 5.8 and 7: two real fields
 * share a complex transform, `u + i v`, `w_x + i w_y`, and two rows of their product. An invocation transforms whole lines, so no
 * pass has a barrier; neighbouring lanes are members, so every access is to neighbouring numbers.
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
  const { grid, kept } = spec;
  const columns = kept + 1;
  const lines = `
fn ms_read_row(line: ptr<function, ms_Line>, at: u32) {
  // The derivative along y has no mean.
  (*line)[0] = vec2f(0.0, ms_fields[at].y);
${unrolled(kept, (k) => `let f${k + 1} = ms_fields[at + ${k + 1}u * ms_LANES]; (*line)[${k + 1}] = f${k + 1}.xy; (*line)[${grid - k - 1}] = f${k + 1}.zw;`)}\
${unrolled(grid - 2 * kept - 1, (k) => `(*line)[${kept + 1 + k}] = vec2f(0.0);`)}}

fn ms_multiply_first(products: ptr<function, ms_Line>, velocity: ptr<function, ms_Line>, gradient: ptr<function, ms_Line>) {
${unrolled(grid, (j) => `(*products)[${j}].y = ms_advection((*velocity)[${j}], (*gradient)[${j}]);`)}}

fn ms_multiply_second(products: ptr<function, ms_Line>, velocity: ptr<function, ms_Line>, gradient: ptr<function, ms_Line>) {
${unrolled(grid, (j) => `(*products)[${j}].x = ms_advection((*velocity)[${j}], (*gradient)[${j}]);`)}}

fn ms_write_products(line: ptr<function, ms_Line>, at: u32) {
${unrolled(columns, (k) => `ms_products[at + ${k}u * ms_LANES] = ms_separate((*line)[${k}], (*line)[${(grid - k) % grid}]);`)}}
`;
  return composed(
    spec,
    'rows',
    [
      { name: 'ms_fields', kind: 'read', type: 'array<vec4f>' },
      { name: 'ms_products', kind: 'write', type: 'array<vec4f>' },
    ],
    [lineTransform(grid), lines, rows],
  );
}

/** `ms_products`, `ms_state`, `ms_next` -> `ms_state`, `ms_next`, `ms_fields`; `ms_stages` holds the stage's coefficients of every mode. */
export function navierStokesColumns(spec: NavierStokesSpec): KernelSource {
  const { grid, kept } = spec;
  const width = 2 * kept + 1;
  /** Where the wave number of the coefficient stands in a line. */
  const slot = (wave: number) => (wave - kept + grid) % grid;
  const kx = (wave: number) => (wave - kept).toFixed(1);
  const lines = `
alias ms_Column = array<vec2f, ms_WIDTH>;

fn ms_read_column(argument: ptr<function, ms_Column>, at: u32) {
${unrolled(width, (j) => `(*argument)[${j}] = ms_state[at + ${j}u * ms_LANES];`)}}

fn ms_read_products(line: ptr<function, ms_Line>, at: u32) {
${unrolled(grid / 2, (r) => `let p${r} = ms_products[at + ${r}u * ms_COLUMNS * ms_LANES]; (*line)[${2 * r}] = p${r}.yx; (*line)[${2 * r + 1}] = p${r}.wz;`)}}

fn ms_advance_column(argument: ptr<function, ms_Column>, line: ptr<function, ms_Line>, column: u32, at: u32) {
${unrolled(width, (j) => `(*argument)[${j}] = ms_advance((*line)[${slot(j)}], ${kx(j)}, column, ${j}u, at + ${j}u * ms_LANES);`)}}

fn ms_place_column(line: ptr<function, ms_Line>, argument: ptr<function, ms_Column>, sign: f32, ky: f32, of_stream: bool) {
${unrolled(width, (j) => `(*line)[${slot(j)}] = ms_derivatives((*argument)[${j}], sign * ${kx(j)}, ky, ms_over(${((j - kept) ** 2).toFixed(1)}, ky, of_stream));`)}\
${unrolled(grid - width, (j) => `(*line)[${kept + 1 + j}] = vec2f(0.0);`)}}

fn ms_write_column(line: ptr<function, ms_Line>, at: u32, sign: f32) {
${unrolled(grid, (i) => `ms_fields[at + ${i}u * 2u * ms_COLUMNS * ms_LANES] = vec2f((*line)[${i}].x, sign * (*line)[${i}].y);`)}}
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
