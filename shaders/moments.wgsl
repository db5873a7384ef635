// Kernel B: the weighted sums of one reduction leaf of one component. A leaf centres on its own mean (the baseline of the score
// estimator, the centring of the Stein estimator), so nothing has to be known of the other leaves. ms_WHOLE: it does not, but sums the
// draws too, and what combines the leaves centres on the mean of all: a leaf of a shared batch may hold next to nothing of a component.
// One workgroup a (component, leaf, tile of matrix entries); the estimator's variant gives ms_gradient_term and ms_matrix_term.

const ms_PART_MATRIX: u32 = ms_PART_GRADIENT + DIM;
const ms_PART_DRAW: u32 = ms_PART_MATRIX + ms_PAIRS;
const ms_PART_BEST_POINT: u32 = ms_PART_DRAW + DIM;
const ms_PART: u32 = ms_PART_BEST_POINT + DIM;

// Lanes are split into slots (one output each) of ms_*_RUN neighbouring lanes (the samples of the leaf dealt out to them).
const ms_GRADIENT_RUN: u32 = ms_LANES / ms_GRADIENT_SLOTS;

var<workgroup> ms_slope_mean: array<f32, DIM>;

struct ms_Leaf {
  component: u32,
  first: u32,        // its first sample, within the component
  count: u32,
  first_index: u32,  // of that sample in the chunk buffers
  usable: f32,
  weight: f32,
  mean: f32,         // weighted mean of f
}

fn ms_sample_row(leaf: ms_Leaf, i: u32) -> vec4f {
  return ms_values[ms_value_index(leaf.component, leaf.first + i)];
}

// Samples without a usable value take no part.
fn ms_sample_weight(leaf: ms_Leaf, row: vec4f, i: u32) -> f32 {
  return select(0.0, ms_importance(leaf.component, leaf.first + i), row.x != ms_NO_VALUE);
}

// The rows of the leaf that count for the component, where that can be few (ms_LISTED).
var<workgroup> ms_list: array<u32, ms_LIST>;
var<workgroup> ms_list_weight: array<f32, ms_LIST>;
var<workgroup> ms_list_count: u32;

fn ms_make_list(leaf: ms_Leaf, lane: u32) -> u32 {
  for (var i = lane; i < leaf.count; i += ms_LANES) {
    ms_list_weight[i] = ms_sample_weight(leaf, ms_sample_row(leaf, i), i);
  }
  workgroupBarrier();
  if (lane == 0u) {
    var count = 0u;
    for (var i = 0u; i < leaf.count; i++) {
      let weight = ms_list_weight[i];
      if (weight > 0.0) {
        ms_list[count] = i;
        ms_list_weight[count] = weight;
        count++;
      }
    }
    ms_list_count = count;
  }
  return workgroupUniformLoad(&ms_list_count);
}

// The s-th row that counts: its place in the leaf, and its weight.
fn ms_listed(s: u32) -> u32 {
  if (ms_LISTED) {
    return ms_list[s];
  }
  return s;
}

fn ms_listed_weight(leaf: ms_Leaf, row: vec4f, s: u32) -> f32 {
  if (ms_LISTED) {
    return ms_list_weight[s];
  }
  return ms_sample_weight(leaf, row, s);
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let linear = workgroup.y * ms_chunk.leaf_grid + workgroup.x;
  let leaves = min(ms_chunk.leaf_count, ms_control.leaves - min(ms_control.leaves, ms_chunk.first_leaf));
  let components = min(ms_chunk.component_count, ms_control.components - min(ms_control.components, ms_chunk.first_component));
  if (linear >= components * leaves * ms_TILES) {
    return;
  }
  let tile = linear % ms_TILES;
  let leaf_number = ms_chunk.first_leaf + (linear / ms_TILES) % leaves;
  let component_offset = linear / (ms_TILES * leaves);
  var leaf: ms_Leaf;
  leaf.component = ms_chunk.first_component + component_offset;
  leaf.first = ms_leaf_start(leaf_number, ms_control.rows, ms_control.leaves);
  leaf.count = ms_leaf_start(leaf_number + 1u, ms_control.rows, ms_control.leaves) - leaf.first;
  leaf.first_index = component_offset * ms_chunk.sample_count + (leaf.first - ms_chunk.first_sample);
  let part = (leaf.component * ms_params.leaves + leaf_number) * ms_PART;

  // Counts, means, spread, best.
  var sums = vec4f(0.0);
  var best = ms_NO_VALUE;
  var best_sample = 0u;
  var squares = 0.0;
  for (var i = lane; i < leaf.count; i += ms_LANES) {
    let row = ms_sample_row(leaf, i);
    if (row.x != ms_NO_VALUE) {
      let weight = ms_sample_weight(leaf, row, i);
      sums += vec4f(1.0, weight, weight * row.y, weight * row.x);
      squares += weight * weight;
      if (row.x > best) {
        best = row.x;
        best_sample = i;
      }
    }
  }
  sums = ms_sum(lane, sums);
  let divisor = max(sums.y, 1.0e-30);
  leaf.usable = sums.x;
  leaf.weight = sums.y;
  // Around a first mean and once more: the second pass takes the rounding of a large common value out.
  let rough = sums.zw / divisor;
  var centred = vec4f(0.0);
  for (var i = lane; i < leaf.count; i += ms_LANES) {
    let row = ms_sample_row(leaf, i);
    let weight = ms_sample_weight(leaf, row, i);
    if (weight > 0.0) {
      let from_mean = row.yx - rough;
      centred += vec4f(weight * from_mean, weight * from_mean.y * from_mean.y, 0.0);
    }
  }
  centred = ms_sum(lane, centred);
  let shift = centred.xy / divisor;
  leaf.mean = rough.x + shift.x;
  squares = ms_scalar_sum(lane, squares);
  let largest = ms_largest(lane, best, best_sample);
  if (tile == 0u && lane == 0u) {
    ms_parts[part + ms_PART_USABLE] = sums.x;
    ms_parts[part + ms_PART_WEIGHT] = sums.y;
    ms_parts[part + ms_PART_WEIGHT_SQUARES] = squares;
    ms_parts[part + ms_PART_F] = leaf.mean;
    ms_parts[part + ms_PART_L] = rough.y + shift.y;
    ms_parts[part + ms_PART_L_SQUARES] = max(centred.z - divisor * shift.y * shift.y, 0.0);
    ms_parts[part + ms_PART_BEST] = largest.value;
  }

  // The leaf's best point, if it is news to its component.
  if (tile == 0u && largest.value > ms_components[leaf.component * ms_RECORD + ms_BEST]) {
    for (var i = lane; i < DIM; i += ms_LANES) {
      ms_parts[part + ms_PART_BEST_POINT + i] = ms_place_row(leaf.component, leaf.first + largest.index, leaf.first_index + largest.index, i);
    }
  }

  var rows = leaf.count;
  if (ms_LISTED) {
    rows = ms_make_list(leaf, lane);
    if (rows == 0u) {
      for (var p = lane; p < DIM + ms_PAIRS + DIM; p += ms_LANES) {
        ms_parts[part + ms_PART_GRADIENT + p] = 0.0;
      }
      return;
    }
  }

  // Gradient terms.
  for (var block = select(DIM, 0u, ms_TERMS); block < DIM; block += ms_GRADIENT_SLOTS) {
    let i = block + lane / ms_GRADIENT_RUN;
    var sum = 0.0;
    if (i < DIM) {
      for (var s = lane % ms_GRADIENT_RUN; s < rows; s += ms_GRADIENT_RUN) {
        let row = ms_sample_row(leaf, ms_listed(s));
        let weight = ms_listed_weight(leaf, row, s);
        if (weight > 0.0) {
          sum += ms_gradient_term(leaf, row, weight, leaf.first_index + ms_listed(s), i);
        }
      }
    }
    sum = ms_sum_runs(lane, ms_GRADIENT_RUN, sum);
    if (i < DIM && lane % ms_GRADIENT_RUN == 0u) {
      ms_slope_mean[i] = select(sum / divisor, 0.0, ms_WHOLE);
      if (tile == 0u) {
        ms_parts[part + ms_PART_GRADIENT + i] = sum;
      }
    }
  }
  workgroupBarrier();

  if (ms_WHOLE) {
    for (var block = 0u; block < DIM; block += ms_GRADIENT_SLOTS) {
      let i = block + lane / ms_GRADIENT_RUN;
      var sum = 0.0;
      if (i < DIM) {
        for (var s = lane % ms_GRADIENT_RUN; s < rows; s += ms_GRADIENT_RUN) {
          let weight = ms_listed_weight(leaf, ms_sample_row(leaf, ms_listed(s)), s);
          if (weight > 0.0) {
            sum += weight * ms_eps[i * ms_chunk.stride + leaf.first_index + ms_listed(s)];
          }
        }
      }
      sum = ms_sum_runs(lane, ms_GRADIENT_RUN, sum);
      if (i < DIM && lane % ms_GRADIENT_RUN == 0u && tile == 0u) {
        ms_parts[part + ms_PART_DRAW + i] = sum;
      }
    }
  }

  ms_matrix_terms(leaf, lane, tile, rows, part + ms_PART_MATRIX);
}
