// Kernel B for a shared batch of few dimensions: the weighted sums of one reduction leaf of one component, by one invocation, which keeps the
// component's parameters and the sums in registers and whitens the rows that count on the spot. Neighbouring invocations have the same
// leaf, so that they read the same rows. What is summed is written out for the dimension (kernels/component-moments.ts).

struct ms_Leaf {
  component: u32,
  first: u32,        // its first row
  count: u32,
  usable: f32,
  mean: f32,         // weighted mean of f
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let linear = workgroup.y * ms_chunk.leaf_grid + workgroup.x;
  let leaves = min(ms_chunk.leaf_count, ms_control.leaves - min(ms_control.leaves, ms_chunk.first_leaf));
  let groups = (ms_control.components + ms_LANES - 1u) / ms_LANES;
  let component = (linear % groups) * ms_LANES + lane;
  if (linear >= leaves * groups || component >= ms_control.components) {
    return;
  }
  let leaf_number = ms_chunk.first_leaf + linear / groups;
  var leaf: ms_Leaf;
  leaf.component = component;
  leaf.first = ms_leaf_start(leaf_number, ms_control.rows, ms_control.leaves);
  leaf.count = ms_leaf_start(leaf_number + 1u, ms_control.rows, ms_control.leaves) - leaf.first;
  let part = (component * ms_params.leaves + leaf_number) * ms_PART;
  ms_summarise(&leaf, part);
  ms_sum_rows(leaf, part);
}

// Counts, means, spread, best. Sums are taken about the heaviest row so far, so that neither a large common value nor a row that hardly
// counts costs digits.
fn ms_summarise(leaf: ptr<function, ms_Leaf>, part: u32) {
  var usable = 0.0;
  var weight = 0.0;
  var weight_squares = 0.0;
  var heaviest = 0.0;
  var base = vec2f(0.0);    // its l and f
  var sums = vec2f(0.0);
  var squares = 0.0;
  var best = ms_NO_VALUE;
  var best_row = (*leaf).first;
  let end = (*leaf).first + (*leaf).count;
  // Two at a time: a store within a loop, where lanes may have left it, takes a software adapter as long as five additions.
  for (var row = (*leaf).first; row < end; row += 2u) {
    let next = min(row + 1u, end - 1u);
    let value0 = ms_values[ms_ring(row)].xy;
    let value1 = ms_values[ms_ring(next)].xy;
    let there0 = value0.x != ms_NO_VALUE;
    let there1 = next != row && value1.x != ms_NO_VALUE;
    let own0 = ms_importance((*leaf).component, row);
    let own1 = select(0.0, ms_importance((*leaf).component, next), next != row);
    if (max(own0, own1) > heaviest) {
      let heavier = select(value1, value0, own0 >= own1);
      let back = base - heavier;
      squares += back.x * (2.0 * sums.x + weight * back.x);
      sums += weight * back;
      base = heavier;
      heaviest = max(own0, own1);
    }
    let apart0 = select(vec2f(0.0), value0 - base, there0);
    let apart1 = select(vec2f(0.0), value1 - base, there1);
    usable += select(0.0, 1.0, there0) + select(0.0, 1.0, there1);
    weight += own0 + own1;
    weight_squares += own0 * own0 + own1 * own1;
    sums += own0 * apart0 + own1 * apart1;
    squares += own0 * apart0.x * apart0.x + own1 * apart1.x * apart1.x;
    if (max(value0.x, value1.x) > best) {
      best = max(value0.x, value1.x);
      best_row = select(next, row, value0.x >= value1.x);
    }
  }
  let divisor = max(weight, 1.0e-30);
  let shift = sums / divisor;
  (*leaf).usable = usable;
  (*leaf).mean = base.y + shift.y;
  ms_parts[part + ms_PART_USABLE] = usable;
  ms_parts[part + ms_PART_WEIGHT] = weight;
  ms_parts[part + ms_PART_WEIGHT_SQUARES] = weight_squares;
  ms_parts[part + ms_PART_F] = (*leaf).mean;
  ms_parts[part + ms_PART_L] = base.x + shift.x;
  ms_parts[part + ms_PART_L_SQUARES] = max(squares - divisor * shift.x * shift.x, 0.0);
  ms_parts[part + ms_PART_BEST] = best;
  // The leaf's best point, if it is news to its component.
  if (best > ms_components[(*leaf).component * ms_RECORD + ms_BEST]) {
    for (var i = 0u; i < DIM; i++) {
      ms_parts[part + ms_PART_BEST_POINT + i] = ms_points[i * ms_chunk.batch_stride + ms_ring(best_row) - ms_chunk.first_sample];
    }
  }
}
