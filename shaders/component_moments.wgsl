// Kernel B for a shared batch of few dimensions: the weighted sums of one reduction leaf of one component, by one invocation, which keeps the
// component's parameters and the sums in registers and whitens the rows that count on the spot. Neighbouring invocations have the same
// leaf, so that they read the same rows: some at a time, by themselves or for each other (ms_Rows, ms_needed, ms_look, ms_weights_of), since a
// store within a loop, which lanes may have left, takes a software adapter as long as five additions. What is summed is written out for the
// dimension (kernels/component-moments.ts).

struct ms_Leaf {
  component: u32,
  there: bool,       // else another invocation has the component too, and this one only reads along
  first: u32,        // its first row
  end: u32,
  usable: f32,
  mean: f32,         // weighted mean of f
}

// l and f of some rows, past the end those of the last one again.
struct ms_Look {
  l: ms_Rows,
  f: ms_Rows,
}

fn ms_start(workgroup: vec3u, lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let linear = workgroup.y * ms_chunk.leaf_grid + workgroup.x;
  let leaves = min(ms_chunk.leaf_count, ms_control.leaves - min(ms_control.leaves, ms_chunk.first_leaf));
  let groups = (ms_control.components + ms_LANES - 1u) / ms_LANES;
  let component = (linear % groups) * ms_LANES + lane;
  let there = component < ms_control.components;
  if (linear >= leaves * groups || !ms_needed(there)) {
    return;
  }
  let leaf_number = ms_chunk.first_leaf + linear / groups;
  var leaf: ms_Leaf;
  leaf.component = min(component, ms_control.components - 1u);
  leaf.there = there;
  leaf.first = ms_leaf_start(leaf_number, ms_control.rows, ms_control.leaves);
  leaf.end = ms_leaf_start(leaf_number + 1u, ms_control.rows, ms_control.leaves);
  let part = (leaf.component * ms_params.leaves + leaf_number) * ms_PART;
  ms_summarise(&leaf, part);
  ms_sum_rows(leaf, part);
}

// Counts, means, spread, best. Sums are taken about the heaviest row so far, so that neither a large common value nor a row that hardly
// counts costs digits.
fn ms_summarise(leaf: ptr<function, ms_Leaf>, part: u32) {
  let none = ms_Rows(0.0);
  var usable = 0.0;
  var weight = 0.0;
  var weight_squares = 0.0;
  var heaviest = 0.0;
  var base = vec2f(0.0);    // its l and f
  var sums = vec2f(0.0);
  var squares = 0.0;
  var best = ms_NO_VALUE;
  var best_row = (*leaf).first;
  for (var row = (*leaf).first; row < (*leaf).end; row += ms_AT_A_TIME) {
    let look = ms_look(*leaf, row);
    let own = ms_weights_of(*leaf, row);
    let heavier = ms_most(own);
    if (heavier > heaviest) {
      let news = vec2f(ms_pick(look.l, own, heavier), ms_pick(look.f, own, heavier));
      let back = base - news;
      squares += back.x * (2.0 * sums.x + weight * back.x);
      sums += weight * back;
      base = news;
      heaviest = heavier;
    }
    let with_value = look.l != ms_Rows(ms_NO_VALUE);
    let apart_l = select(none, look.l - base.x, with_value);
    let apart_f = select(none, look.f - base.y, with_value);
    usable += dot(select(none, ms_within(*leaf, row), with_value), ms_Rows(1.0));
    weight += dot(own, ms_Rows(1.0));
    weight_squares += dot(own, own);
    sums += vec2f(dot(own, apart_l), dot(own, apart_f));
    squares += dot(own * apart_l, apart_l);
    let better = ms_most(look.l);
    if (better > best) {
      best = better;
      best_row = row + u32(ms_pick(ms_ORDER, look.l, better));
    }
  }
  let divisor = max(weight, 1.0e-30);
  let shift = sums / divisor;
  (*leaf).usable = usable;
  (*leaf).mean = base.y + shift.y;
  if (!(*leaf).there) {
    return;
  }
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
      ms_parts[part + ms_PART_BEST_POINT + i] = ms_points[i * ms_chunk.batch_stride + ms_position(best_row)];
    }
  }
}

fn ms_position(row: u32) -> u32 {
  return ms_ring(row) - ms_chunk.first_sample;
}

// 1 for rows of the leaf, 0 past its end.
fn ms_within(leaf: ms_Leaf, row: u32) -> ms_Rows {
  return select(ms_Rows(0.0), ms_Rows(1.0), ms_ORDER < ms_Rows(f32(leaf.end - row)));
}
