// Reductions within a workgroup of ms_LANES in a fixed order: the same bits however a batch is chunked. Serial sums rather than a tree: a
// barrier costs a software adapter half a microsecond for every few lanes, more than a dozen additions.
// Every function is called by all lanes together.
var<workgroup> ms_shared: array<vec4f, ms_LANES>;
var<workgroup> ms_shared_best: array<ms_Largest, ms_LANES>;

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
  let second = b.value > a.value || (b.value == a.value && b.index < a.index);
  return ms_Largest(select(a.value, b.value, second), select(a.index, b.index, second));
}
