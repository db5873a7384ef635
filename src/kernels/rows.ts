/** Groups of rows of a shared batch, read from where they lie. */
import rows from '../../shaders/lib/rows.wgsl?raw';
import { ALONE, drawsModule, type Grouping, ringModule } from './compose.ts';

/** A group's numbers out of a buffer, coordinate by coordinate; the rows by name, since an array of them would be indexed by a variable. */
function reader(name: string, array: string, size: Grouping['size']): string {
  const samples = Array.from({ length: size }, (_, s) => s);
  return `fn ${name}(place: ms_GroupPlace) -> ms_Points {
${samples.map((s) => `  let row${s} = ms_position(place, ${s}u);\n`).join('')}  var group: ms_Points;
  for (var i = 0u; i < DIM; i++) {
    let at = i * ms_chunk.batch_stride;
    group[i] = ms_Group(${samples.map((s) => `${array}[at + row${s}]`).join(', ')});
  }
  return group;
}
`;
}

/** `ms_read_group`, and `ms_read_slopes` for kernels that bind `ms_row_slopes`. */
export function rowModules({ size }: Grouping = ALONE, slopes = false): string[] {
  const modules = [drawsModule, ringModule, rows, reader('ms_read_group', 'ms_points', size)];
  if (slopes) modules.push(reader('ms_read_slopes', 'ms_row_slopes', size));
  return modules;
}
