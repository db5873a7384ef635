// Reductions within a workgroup of ms_LANES in a fixed order: the same bits however a batch is chunked. Serial sums rather than a tree: a
// barrier costs a software adapter half a microsecond for every few lanes, more than a dozen additions.
// Every function is called by all lanes together.
// One array for all: some drivers set workgroup memory to zero number by number, in the text.
var<workgroup> ms_shared: array<vec4f, ms_LANES>;

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

// A number and where it comes from: below 2^24, as it lies in memory as a float.
struct ms_Largest {
  value: f32,
  index: u32,
}

// The larger value, of a tie the smaller index; the second one as it lies in memory.
fn ms_larger(a: ms_Largest, value: f32, place: f32) -> ms_Largest {
  let index = u32(place);
  let second = value > a.value || (value == a.value && index < a.index);
  return ms_Largest(select(a.value, value, second), select(a.index, index, second));
}
