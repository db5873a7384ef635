// Sums and the largest over many lanes, in two rounds of serial sums.
const ms_FOLDS: u32 = 8u;

var<workgroup> ms_folded: array<vec4f, ms_FOLDS>;

// Sum over all lanes, returned to every lane.
fn ms_sum(lane: u32, value: vec4f) -> vec4f {
  ms_shared[lane] = value;
  workgroupBarrier();
  if (lane < ms_FOLDS) {
    var fold = ms_shared[lane];
    for (var other = lane + ms_FOLDS; other < ms_LANES; other += ms_FOLDS) {
      fold += ms_shared[other];
    }
    ms_folded[lane] = fold;
  }
  workgroupBarrier();
  var total = ms_folded[0];
  for (var fold = 1u; fold < ms_FOLDS; fold++) {
    total += ms_folded[fold];
  }
  return total;
}

// The same of one number.
fn ms_scalar_sum(lane: u32, value: f32) -> f32 {
  return ms_sum(lane, vec4f(value, 0.0, 0.0, 0.0)).x;
}

// The largest value and its index, returned to every lane.
fn ms_largest(lane: u32, value: f32, index: u32) -> ms_Largest {
  ms_shared[lane].x = value;
  ms_shared[lane].y = f32(index);
  workgroupBarrier();
  if (lane < ms_FOLDS) {
    var fold = ms_Largest(value, index);
    for (var other = lane + ms_FOLDS; other < ms_LANES; other += ms_FOLDS) {
      fold = ms_larger(fold, ms_shared[other].x, ms_shared[other].y);
    }
    ms_folded[lane].x = fold.value;
    ms_folded[lane].y = f32(fold.index);
  }
  workgroupBarrier();
  var best = ms_Largest(value, index);
  for (var fold = 0u; fold < ms_FOLDS; fold++) {
    best = ms_larger(best, ms_folded[fold].x, ms_folded[fold].y);
  }
  return best;
}
