// Reductions within a workgroup of ms_LANES in a fixed order: the same bits however a batch is chunked. In two rounds of serial sums
// rather than a tree: a barrier costs a software adapter half a microsecond for every few lanes, more than a dozen additions.
// Every function is called by all lanes together.
const ms_FOLDS: u32 = select(select(4u, 8u, ms_LANES >= 64u), 2u, ms_LANES < 16u);

var<workgroup> ms_shared: array<vec4f, ms_LANES>;
var<workgroup> ms_folded: array<vec4f, ms_FOLDS>;
var<workgroup> ms_shared_best: array<ms_Largest, ms_LANES>;
var<workgroup> ms_folded_best: array<ms_Largest, ms_FOLDS>;

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

// Sum over runs of `width` neighbouring lanes; each run's first lane gets it.
fn ms_sum_runs(lane: u32, width: u32, value: f32) -> f32 {
  if (width == 1u) {
    return value;
  }
  ms_shared[lane].x = value;
  workgroupBarrier();
  var total = value;
  if (lane % width == 0u) {
    for (var other = lane + 1u; other < lane + width; other++) {
      total += ms_shared[other].x;
    }
  }
  workgroupBarrier();
  return total;
}

struct ms_Largest {
  value: f32,
  index: u32,
}

// The larger value, of a tie the smaller index.
fn ms_larger(a: ms_Largest, b: ms_Largest) -> ms_Largest {
  if (b.value > a.value || (b.value == a.value && b.index < a.index)) {
    return b;
  }
  return a;
}

// The largest value and its index, returned to every lane.
fn ms_largest(lane: u32, value: f32, index: u32) -> ms_Largest {
  ms_shared_best[lane] = ms_Largest(value, index);
  workgroupBarrier();
  if (lane < ms_FOLDS) {
    var fold = ms_shared_best[lane];
    for (var other = lane + ms_FOLDS; other < ms_LANES; other += ms_FOLDS) {
      fold = ms_larger(fold, ms_shared_best[other]);
    }
    ms_folded_best[lane] = fold;
  }
  workgroupBarrier();
  var total = ms_folded_best[0];
  for (var fold = 1u; fold < ms_FOLDS; fold++) {
    total = ms_larger(total, ms_folded_best[fold]);
  }
  return total;
}
