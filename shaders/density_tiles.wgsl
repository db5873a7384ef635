// The mixture's log density at own samples of many dimensions, as products of matrices: one workgroup 64 samples of a component. For each
// other component, 64 rows of Y = L^-1 (X - mean) at a time, 4 x 4 numbers an invocation, from tiles in workgroup memory; only the squared
// lengths of Y's columns are kept. Tiles above the diagonal are skipped. A sample's own component it was drawn from needs no solve.

const ms_SIDE: u32 = 16u;       // invocations across the tile, either way
const ms_TILE: u32 = 64u;       // rows, and samples
const ms_DEPTH: u32 = 16u;      // columns of L^-1 at a time
const ms_BLOCK_ROWS: u32 = (DIM + 3u) / 4u;
const ms_PACKED: u32 = 1u + ms_BLOCK_ROWS + 2u * ms_BLOCK_ROWS * (ms_BLOCK_ROWS + 1u);

// Four rows of a column of L^-1; four samples of a row of X - mean; squared lengths so far of four samples.
var<workgroup> ms_left: array<vec4f, ms_DEPTH * ms_SIDE>;
var<workgroup> ms_right: array<vec4f, ms_DEPTH * ms_SIDE>;
var<workgroup> ms_squares: array<vec4f, ms_SIDE * ms_SIDE>;

// A block of 4 x 4 of L^-1 as the pack kernel lays it out, by its columns.
fn ms_block(component: u32, row: u32, column: u32) -> mat4x4f {
  if (row >= ms_BLOCK_ROWS || column > row) {
    return mat4x4f();
  }
  let at = component * ms_PACKED + 1u + ms_BLOCK_ROWS + 2u * row * (row + 1u) + 4u * column;
  return transpose(mat4x4f(ms_packed[at], ms_packed[at + 1u], ms_packed[at + 2u], ms_packed[at + 3u]));
}

@compute @workgroup_size(ms_LANES)
fn ms_main(
  @builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32,
) {
  let there = min(ms_chunk.sample_count, ms_control.rows - min(ms_control.rows, ms_chunk.first_sample));
  let taking = min(ms_chunk.component_count, ms_control.components - min(ms_control.components, ms_chunk.first_component));
  let tiles = (there + ms_TILE - 1u) / ms_TILE;
  let linear = workgroup.y * grid.x + workgroup.x;
  if (ms_control.stop != 0u || linear >= taking * tiles) {
    return;
  }
  let own = ms_chunk.first_component + linear / tiles;
  let first = (linear % tiles) * ms_TILE;
  let points = (linear / tiles) * ms_chunk.sample_count;

  let across = lane % ms_SIDE;
  let down = lane / ms_SIDE;
  // Samples past the end are the last one again.
  let s0 = points + min(first + 4u * across, there - 1u);
  let s1 = points + min(first + 4u * across + 1u, there - 1u);
  let s2 = points + min(first + 4u * across + 2u, there - 1u);
  let s3 = points + min(first + 4u * across + 3u, there - 1u);

  // Of the first 64 invocations, a sample each.
  let sample = min(first + lane, there - 1u);
  let index = own * ms_params.samples + ms_chunk.first_sample + sample;
  var value = vec4f(0.0);
  if (lane < ms_TILE) {
    value = ms_values[index];
  }
  var top = ms_NO_VALUE;
  var sum = 0.0;
  for (var j = 0u; j < ms_control.components; j++) {
    if (j != own) {
      var squares = vec4f(0.0);
      for (var row = 0u; row < DIM; row += ms_TILE) {
        var y0 = vec4f(0.0);
        var y1 = vec4f(0.0);
        var y2 = vec4f(0.0);
        var y3 = vec4f(0.0);
        for (var column = 0u; column < min(row + ms_TILE, DIM); column += ms_DEPTH) {
          workgroupBarrier();
          if (lane < ms_TILE) {
            let block = ms_block(j, row / 4u + lane % ms_SIDE, column / 4u + lane / ms_SIDE);
            let at = (lane / ms_SIDE) * 4u * ms_SIDE + lane % ms_SIDE;
            ms_left[at] = block[0];
            ms_left[at + ms_SIDE] = block[1];
            ms_left[at + 2u * ms_SIDE] = block[2];
            ms_left[at + 3u * ms_SIDE] = block[3];
          }
          let i = column + down;
          var x = vec4f(0.0);
          if (i < DIM) {
            let from_row = i * ms_chunk.stride;
            let mean = ms_packed[j * ms_PACKED + 1u + i / 4u][i % 4u];
            x = vec4f(ms_points[from_row + s0], ms_points[from_row + s1], ms_points[from_row + s2], ms_points[from_row + s3]) - vec4f(mean);
          }
          ms_right[lane] = x;
          workgroupBarrier();
          for (var k = 0u; k < ms_DEPTH; k++) {
            let left = ms_left[k * ms_SIDE + down];
            let right = ms_right[k * ms_SIDE + across];
            y0 += left.x * right;
            y1 += left.y * right;
            y2 += left.z * right;
            y3 += left.w * right;
          }
        }
        squares += y0 * y0 + y1 * y1 + y2 * y2 + y3 * y3;
      }
      ms_squares[lane] = squares;
    }
    workgroupBarrier();
    if (lane < ms_TILE) {
      var square = value.y;
      if (j != own) {
        square = 0.0;
        for (var part = 0u; part < ms_SIDE; part++) {
          square += ms_squares[part * ms_SIDE + lane / 4u][lane % 4u];
        }
      }
      let head = ms_packed[j * ms_PACKED];
      let joined = ms_join(top, head.x - 0.5 * square + head.y);
      sum = sum * joined.shrink + joined.weight;
      top = joined.top;
    }
    workgroupBarrier();
  }
  if (lane < ms_TILE && first + lane < there) {
    let log_q = top + log(sum);
    let f = select(value.x - ms_control.temperature * log_q, ms_NO_VALUE, value.x == ms_NO_VALUE);
    ms_values[index] = vec4f(value.x, f, log_q, 0.0);
  }
}
