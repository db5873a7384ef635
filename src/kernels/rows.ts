/** Groups of rows of a shared batch, read from where they lie. */
import rows from '../../shaders/lib/rows.wgsl?raw';
import type { Module } from '../gpu/wgsl.ts';
import { ALONE, drawsModule, type Grouping } from './compose.ts';
import { batch } from './rare.ts';

const samplesOf = ({ size }: Grouping): number[] => Array.from({ length: size }, (_, s) => s);

/** The number of sample s of a group. */
function numberOf(group: string, { size }: Grouping, s: number): string {
  if (size === 1) return group;
  return size === 8 ? `${group}[${s >> 2}][${s & 3}]` : `${group}[${s}]`;
}

/** Where a group's rows lie, by name, since an array of them would be indexed by a variable. */
const places = (grouping: Grouping): string =>
  samplesOf(grouping)
    .map((s) => `  let row${s} = ms_position(place, ${s}u);\n`)
    .join('');

/** A coordinate of a group's rows out of a buffer. */
const coordinate = (array: string, grouping: Grouping): string =>
  `ms_Group(${samplesOf(grouping)
    .map((s) => `${array}[at + row${s}]`)
    .join(', ')})`;

/** A group's numbers out of a buffer, coordinate by coordinate. */
function reader(name: string, array: string, grouping: Grouping): string {
  return `fn ${name}(place: ms_GroupPlace) -> ms_Points {
${places(grouping)}  var group: ms_Points;
  for (var i = 0u; i < DIM; i++) {
    let at = i * ms_chunk.batch_stride;
    group[i] = ${coordinate(array, grouping)};
  }
  return group;
}
`;
}

/** `ms_keep_slopes`: grad f of a group's rows into `ms_row_slopes`, from grad l and grad log q. Past its end there is its last row again. */
export const keepSlopesModule = (
  grouping: Grouping = ALONE,
): string => `fn ms_keep_slopes(place: ms_GroupPlace, pull: ptr<function, ms_Points>) {
  if (place.count == 0u) {
    return;
  }
${places(grouping)}  for (var i = 0u; i < DIM; i++) {
    let at = i * ms_chunk.batch_stride;
    let slopes = ${coordinate('ms_point_slopes', grouping)} - ms_control.temperature * (*pull)[i];
${samplesOf(grouping)
  .map((s) => `    ms_row_slopes[at + row${s}] = ${numberOf('slopes', grouping, s)};\n`)
  .join('')}  }
}
`;

const exponentials = {
  1: 'ms_exp(group)',
  2: 'vec2f(ms_exp(group.x), ms_exp(group.y))',
  4: 'ms_exp_of(group)',
  8: 'mat2x4f(ms_exp_of(group[0]), ms_exp_of(group[1]))',
} as const;

/** Weights of a group's rows: after `ms_look_at` the group, `ms_weights_at` and `ms_put_weights` of a component. */
export const rowWeightsModule = (grouping: Grouping = ALONE): string => `${samplesOf(grouping)
  .map((s) => `var<private> ms_at${s}: u32;\n`)
  .join('')}var<private> ms_writes: bool;

fn ms_look_at(place: ms_GroupPlace) {
  ms_writes = place.count > 0u;
${samplesOf(grouping)
  .map((s) => `  ms_at${s} = place.sample + ms_offset(place, ${s}u) - ms_chunk.first_sample;\n`)
  .join('')}}

fn ms_weights_at(component: u32) -> ms_Group {
  let base = component * ms_chunk.batch_stride;
  return ms_Group(${samplesOf(grouping)
    .map((s) => `ms_weights[base + ms_at${s}]`)
    .join(', ')});
}

// Past the group's end there is its last row again, with the same weight.
fn ms_put_weights(component: u32, weights: ms_Group) {
  if (!ms_writes) {
    return;
  }
  let base = component * ms_chunk.batch_stride;
${samplesOf(grouping)
  .map((s) => `  ms_weights[base + ms_at${s}] = ${numberOf('weights', grouping, s)};\n`)
  .join('')}}

fn ms_exp_of_group(group: ms_Group) -> ms_Group {
  return ${exponentials[grouping.size]};
}
`;

/** `ms_read_group`, and `ms_read_slopes` for kernels that bind `ms_row_slopes`. */
export function rowModules(grouping: Grouping = ALONE, slopes = false): Module[] {
  const modules: Module[] = [drawsModule, batch('ring'), rows, reader('ms_read_group', 'ms_points', grouping)];
  if (slopes) modules.push(reader('ms_read_slopes', 'ms_row_slopes', grouping));
  return modules;
}
