// Kernel B without barriers: the weighted sums of one reduction leaf, one invocation a (component, leaf, block of ms_SIDE x ms_SIDE matrix entries),
// which it keeps in registers. Every invocation sums up the leaf's values by itself: a second look at them costs less than a barrier.
// Blocks of the diagonal have the gradient, the first one what else a part holds.

const ms_PART_MATRIX: u32 = ms_PART_GRADIENT + DIM;
const ms_PART_BEST_POINT: u32 = ms_PART_MATRIX + ms_PAIRS + DIM;
const ms_PART: u32 = ms_PART_BEST_POINT + DIM;

const ms_BLOCKS: u32 = (DIM + ms_SIDE - 1u) / ms_SIDE;      // of a side
const ms_BLOCK_PAIRS: u32 = ms_BLOCKS * (ms_BLOCKS + 1u) / 2u;

struct ms_Leaf {
  component: u32,
  first: u32,        // its first sample, within the component
  count: u32,
  first_index: u32,  // of that sample in the chunk buffers
  usable: f32,
  mean: f32,         // of f
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let linear = (workgroup.y * ms_chunk.leaf_grid + workgroup.x) * ms_LANES + lane;
  let leaves = min(ms_chunk.leaf_count, ms_control.leaves - min(ms_control.leaves, ms_chunk.first_leaf));
  let components = min(ms_chunk.component_count, ms_control.components - min(ms_control.components, ms_chunk.first_component));
  if (linear >= components * leaves * ms_BLOCK_PAIRS) {
    return;
  }
  let block = ms_lower_entry(linear % ms_BLOCK_PAIRS);
  let leaf_number = ms_chunk.first_leaf + (linear / ms_BLOCK_PAIRS) % leaves;
  let component_offset = linear / (ms_BLOCK_PAIRS * leaves);
  var leaf: ms_Leaf;
  leaf.component = ms_chunk.first_component + component_offset;
  leaf.first = ms_leaf_start(leaf_number, ms_control.rows, ms_control.leaves);
  leaf.count = ms_leaf_start(leaf_number + 1u, ms_control.rows, ms_control.leaves) - leaf.first;
  leaf.first_index = component_offset * ms_chunk.sample_count + (leaf.first - ms_chunk.first_sample);
  let part = (leaf.component * ms_params.leaves + leaf_number) * ms_PART;
  ms_summarise(&leaf, part, block.x == 0u);
  ms_sum_block(leaf, ms_SIDE * block.x, ms_SIDE * block.y, part);
}

// Counts, means, spread, best. Sums are taken about a sample that counts, so that a large common value costs no digits.
fn ms_summarise(leaf: ptr<function, ms_Leaf>, part: u32, writes: bool) {
  var count = 0.0;
  var weight = 0.0;
  var weight_squares = 0.0;
  let base = ms_base(*leaf);
  var sums = vec2f(0.0);
  var squares = 0.0;
  var best = ms_NO_VALUE;
  var best_sample = 0u;
  for (var i = 0u; i < (*leaf).count; i++) {
    let value = ms_values[ms_value_index((*leaf).component, (*leaf).first + i)].xy;
    if (value.x != ms_NO_VALUE) {
      let own = ms_importance((*leaf).component, (*leaf).first + i);
      let apart = value - base;
      count += 1.0;
      weight += own;
      weight_squares += own * own;
      sums += own * apart;
      squares += own * apart.x * apart.x;
      if (value.x > best) {
        best = value.x;
        best_sample = i;
      }
    }
  }
  let divisor = max(weight, 1.0e-30);
  let shift = sums / divisor;
  (*leaf).usable = count;
  (*leaf).mean = base.y + shift.y;
  if (!writes) {
    return;
  }
  ms_parts[part + ms_PART_USABLE] = count;
  ms_parts[part + ms_PART_WEIGHT] = weight;
  ms_parts[part + ms_PART_WEIGHT_SQUARES] = weight_squares;
  ms_parts[part + ms_PART_F] = (*leaf).mean;
  ms_parts[part + ms_PART_L] = base.x + shift.x;
  ms_parts[part + ms_PART_L_SQUARES] = max(squares - divisor * shift.x * shift.x, 0.0);
  ms_parts[part + ms_PART_BEST] = best;
  // The leaf's best point, if it is news to its component.
  if (best > ms_components[(*leaf).component * ms_RECORD + ms_BEST]) {
    for (var i = 0u; i < DIM; i++) {
      ms_parts[part + ms_PART_BEST_POINT + i] = ms_place_row((*leaf).component, (*leaf).first + best_sample, (*leaf).first_index + best_sample, i);
    }
  }
}

// l and f of the sample that counts most.
fn ms_base(leaf: ms_Leaf) -> vec2f {
  var heaviest = 0.0;
  var base = vec2f(0.0);
  for (var i = 0u; i < leaf.count; i++) {
    let weight = ms_importance(leaf.component, leaf.first + i);
    if (weight > heaviest) {
      let value = ms_values[ms_value_index(leaf.component, leaf.first + i)].xy;
      if (value.x != ms_NO_VALUE) {
        heaviest = weight;
        base = value;
      }
      if (!ms_SHARED_BATCH && heaviest > 0.0) {
        break; // all count alike
      }
    }
  }
  return base;
}

// Rows past the last one are left out, and entries above the diagonal.
fn ms_write_gradient(part: u32, row: u32, sums: vec4f) {
  for (var r = 0u; r < min(4u, DIM - min(DIM, row)); r++) {
    ms_parts[part + ms_PART_GRADIENT + row + r] = sums[r];
  }
}

fn ms_write_matrix(part: u32, row: u32, column: u32, rows: mat4x4f) {
  for (var r = 0u; r < min(4u, DIM - min(DIM, row)); r++) {
    for (var c = 0u; c < min(4u, row + r + 1u - column); c++) {
      ms_parts[part + ms_PART_MATRIX + ms_pair_index(row + r, column + c)] = rows[r][c];
    }
  }
}

// Row r of it is a[r] b.
fn ms_outer(a: vec4f, b: vec4f) -> mat4x4f {
  return mat4x4f(a.x * b, a.y * b, a.z * b, a.w * b);
}

fn ms_diagonal(entry: f32) -> mat4x4f {
  return mat4x4f(entry, 0.0, 0.0, 0.0, 0.0, entry, 0.0, 0.0, 0.0, 0.0, entry, 0.0, 0.0, 0.0, 0.0, entry);
}

// Where coordinates axis .. axis + 3 begin; past the last one, the last one again.
fn ms_axes_from(axis: u32) -> vec4u {
  return min(vec4u(axis, axis + 1u, axis + 2u, axis + 3u), vec4u(DIM - 1u)) * ms_chunk.stride;
}

// Four coordinates of a whitened draw.
fn ms_draws_at(axes: vec4u, index: u32) -> vec4f {
  return vec4f(ms_eps[axes.x + index], ms_eps[axes.y + index], ms_eps[axes.z + index], ms_eps[axes.w + index]);
}
