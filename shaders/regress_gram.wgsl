// The weighted Gram matrix of a component's features and values, by tiles: the costly part of the quadratic fit.
// One workgroup a (component, tile of the lower triangle); a lane takes 8 x 8 entries. Where a tile has fewer entries than the lanes
// could take, slices of lanes take every ms_SLICES-th row each.

const ms_SIDE: u32 = ms_TILE / 8u;
const ms_SLICES: u32 = ms_LANES / (ms_SIDE * ms_SIDE);
const ms_TILE_ROWS: u32 = (ms_COLUMNS + ms_TILE - 1u) / ms_TILE;
const ms_TILES: u32 = ms_TILE_ROWS * (ms_TILE_ROWS + 1u) / 2u;
// Rows at a time; quads of columns a row, the tile's rows' and then its columns'; the distance of rows, against bank conflicts.
const ms_BLOCK: u32 = 1024u / ms_TILE;
const ms_QUADS: u32 = ms_TILE / 2u;
const ms_WIDTH: u32 = ms_QUADS + 1u;

var<workgroup> ms_columns: array<ms_Column, 2u * ms_TILE>;
var<workgroup> ms_block: array<vec4f, ms_BLOCK * ms_WIDTH>;

fn ms_coordinate(row: vec4u, i: u32) -> f32 {
  return select(select(1.0, bitcast<f32>(row.z), i > DIM), ms_eps[min(i, DIM - 1u) * ms_chunk.stride + row.x], i < DIM);
}

fn ms_entry(row: vec4u, column: ms_Column) -> f32 {
  return column.scale * (ms_coordinate(row, column.a) * ms_coordinate(row, column.b) - column.shift);
}

// Half of the lanes' entries, rows first to first + 3 of 8 each: summed over the slices and stored.
fn ms_store(lane: u32, base: u32, tile: vec2u, first: u32) {
  workgroupBarrier();
  for (var e = lane; e < ms_TILE * ms_TILE / 2u; e += ms_LANES) {
    let c = e % ms_TILE;
    let r = e / ms_TILE;
    let at = (2u * (r % 4u) + (c % 8u) / 4u) * ms_LANES + (r / 4u) * ms_SIDE + c / 8u;
    var sum = 0.0;
    for (var slice = 0u; slice < ms_LANES; slice += ms_SIDE * ms_SIDE) {
      sum += ms_block[at + slice][c % 4u];
    }
    let row = tile.x + 8u * (r / 4u) + first + r % 4u;
    let column = tile.y + c;
    if (row < ms_COLUMNS && column <= row) {
      ms_gram[base + row * (row + 1u) / 2u + column] = sum;
    }
  }
  workgroupBarrier();
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

  let quad = lane % ms_QUADS;
  let column0 = ms_columns[4u * quad];
  let column1 = ms_columns[4u * quad + 1u];
  let column2 = ms_columns[4u * quad + 2u];
  let column3 = ms_columns[4u * quad + 3u];
  let slice = lane / (ms_SIDE * ms_SIDE);
  let i = 2u * ((lane / ms_SIDE) % ms_SIDE);
  let j = 2u * (ms_SIDE + lane % ms_SIDE);
  var left0 = vec4f(0.0);
  var left1 = vec4f(0.0);
  var left2 = vec4f(0.0);
  var left3 = vec4f(0.0);
  var left4 = vec4f(0.0);
  var left5 = vec4f(0.0);
  var left6 = vec4f(0.0);
  var left7 = vec4f(0.0);
  var right0 = vec4f(0.0);
  var right1 = vec4f(0.0);
  var right2 = vec4f(0.0);
  var right3 = vec4f(0.0);
  var right4 = vec4f(0.0);
  var right5 = vec4f(0.0);
  var right6 = vec4f(0.0);
  var right7 = vec4f(0.0);
  for (var first = 0u; first < count; first += ms_BLOCK) {
    for (var number = lane / ms_QUADS; number < ms_BLOCK; number += ms_LANES / ms_QUADS) {
      let row = ms_row_of(offset, min(first + number, count - 1u));
      let root = select(0.0, bitcast<f32>(row.y), first + number < count);
      ms_block[number * ms_WIDTH + quad] =
        root * vec4f(ms_entry(row, column0), ms_entry(row, column1), ms_entry(row, column2), ms_entry(row, column3));
    }
    workgroupBarrier();
    for (var number = slice; number < ms_BLOCK; number += ms_SLICES) {
      let at = number * ms_WIDTH;
      let a = ms_block[at + i];
      let b = ms_block[at + i + 1u];
      let left = ms_block[at + j];
      let right = ms_block[at + j + 1u];
      left0 += a.x * left;
      left1 += a.y * left;
      left2 += a.z * left;
      left3 += a.w * left;
      left4 += b.x * left;
      left5 += b.y * left;
      left6 += b.z * left;
      left7 += b.w * left;
      right0 += a.x * right;
      right1 += a.y * right;
      right2 += a.z * right;
      right3 += a.w * right;
      right4 += b.x * right;
      right5 += b.y * right;
      right6 += b.z * right;
      right7 += b.w * right;
    }
    workgroupBarrier();
  }

  let base = offset * ms_GRAM;
  ms_block[lane] = left0;
  ms_block[ms_LANES + lane] = right0;
  ms_block[2u * ms_LANES + lane] = left1;
  ms_block[3u * ms_LANES + lane] = right1;
  ms_block[4u * ms_LANES + lane] = left2;
  ms_block[5u * ms_LANES + lane] = right2;
  ms_block[6u * ms_LANES + lane] = left3;
  ms_block[7u * ms_LANES + lane] = right3;
  ms_store(lane, base, tile, 0u);
  ms_block[lane] = left4;
  ms_block[ms_LANES + lane] = right4;
  ms_block[2u * ms_LANES + lane] = left5;
  ms_block[3u * ms_LANES + lane] = right5;
  ms_block[4u * ms_LANES + lane] = left6;
  ms_block[5u * ms_LANES + lane] = right6;
  ms_block[6u * ms_LANES + lane] = left7;
  ms_block[7u * ms_LANES + lane] = right7;
  ms_store(lane, base, tile, 4u);
}
