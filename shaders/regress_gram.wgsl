// The weighted Gram matrix of a component's features and values, by tiles: the costly part of the quadratic fit.
// One workgroup a (component, tile of the lower triangle); a lane takes 4 x 4 entries. Where a tile has fewer entries than the lanes
// could take, slices of lanes take every ms_SLICES-th row each.

const ms_SIDE: u32 = ms_TILE / 4u;
const ms_SLICES: u32 = ms_LANES / (ms_SIDE * ms_SIDE);
const ms_TILE_ROWS: u32 = (ms_COLUMNS + ms_TILE - 1u) / ms_TILE;
const ms_TILES: u32 = ms_TILE_ROWS * (ms_TILE_ROWS + 1u) / 2u;
// Rows at a time, and vectors a row: four columns each, one more against bank conflicts.
const ms_BLOCK: u32 = 256u / ms_SIDE;
const ms_WIDTH: u32 = 2u * ms_SIDE + 1u;

var<workgroup> ms_columns: array<ms_Column, 2u * ms_TILE>;
var<workgroup> ms_block: array<vec4f, ms_BLOCK * ms_WIDTH>;
var<workgroup> ms_partial: array<vec4f, 4u * ms_LANES>;

fn ms_coordinate(row: vec4u, i: u32) -> f32 {
  return select(select(1.0, bitcast<f32>(row.z), i > DIM), ms_eps[min(i, DIM - 1u) * ms_chunk.stride + row.x], i < DIM);
}

@compute @workgroup_size(ms_LANES)
fn ms_main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let linear = workgroup.y * workgroups.x + workgroup.x;
  let offset = linear / ms_TILES;
  let component = ms_chunk.first_component + offset;
  if (ms_control.stop != 0u || offset >= ms_chunk.component_count || component >= ms_control.components) {
    return;
  }
  let count = ms_header_of(offset).x;
  if (count == 0u) {
    return;
  }
  let tile = ms_lower_entry(linear % ms_TILES) * ms_TILE;
  for (var c = lane; c < 2u * ms_TILE; c += ms_LANES) {
    ms_columns[c] = ms_column(select(tile.y + c - ms_TILE, tile.x + c, c < ms_TILE));
  }
  workgroupBarrier();

  let slice = lane / (ms_SIDE * ms_SIDE);
  let place = lane % (ms_SIDE * ms_SIDE);
  let i = place / ms_SIDE;
  let j = place % ms_SIDE;
  var sum0 = vec4f(0.0);
  var sum1 = vec4f(0.0);
  var sum2 = vec4f(0.0);
  var sum3 = vec4f(0.0);
  for (var first = 0u; first < count; first += ms_BLOCK) {
    for (var q = lane; q < ms_BLOCK * 2u * ms_SIDE; q += ms_LANES) {
      let number = q % ms_BLOCK;
      let quad = q / ms_BLOCK;
      let row = ms_row_of(offset, min(first + number, count - 1u));
      let root = select(0.0, bitcast<f32>(row.y), first + number < count);
      var entries = vec4f(0.0);
      for (var c = 0u; c < 4u; c++) {
        let column = ms_columns[4u * quad + c];
        entries[c] = root * column.scale * (ms_coordinate(row, column.a) * ms_coordinate(row, column.b) - column.shift);
      }
      ms_block[number * ms_WIDTH + quad] = entries;
    }
    workgroupBarrier();
    for (var number = slice; number < ms_BLOCK; number += ms_SLICES) {
      let a = ms_block[number * ms_WIDTH + i];
      let b = ms_block[number * ms_WIDTH + ms_SIDE + j];
      sum0 += a.x * b;
      sum1 += a.y * b;
      sum2 += a.z * b;
      sum3 += a.w * b;
    }
    workgroupBarrier();
  }

  ms_partial[4u * lane] = sum0;
  ms_partial[4u * lane + 1u] = sum1;
  ms_partial[4u * lane + 2u] = sum2;
  ms_partial[4u * lane + 3u] = sum3;
  workgroupBarrier();
  for (var e = lane; e < ms_TILE * ms_TILE; e += ms_LANES) {
    let r = e / ms_TILE;
    let c = e % ms_TILE;
    var sum = 0.0;
    for (var first = 0u; first < ms_LANES; first += ms_SIDE * ms_SIDE) {
      sum += ms_partial[4u * (first + r / 4u * ms_SIDE + c / 4u) + r % 4u][c % 4u];
    }
    let row = tile.x + r;
    if (row < ms_COLUMNS && tile.y + c <= row) {
      ms_gram[offset * ms_GRAM + row * (row + 1u) / 2u + tile.y + c] = sum;
    }
  }
}
