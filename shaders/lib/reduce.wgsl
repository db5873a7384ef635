// Reductions within a workgroup of ms_LANES in fixed trees: the same bits however a batch is chunked.
// Every function is called by all lanes together.

var<workgroup> ms_shared: array<vec4f, ms_LANES>;
var<workgroup> ms_shared_index: array<u32, ms_LANES>;

// Sum over all lanes, returned to every lane.
fn ms_sum(lane: u32, value: vec4f) -> vec4f {
  ms_shared[lane] = value;
  workgroupBarrier();
  for (var stride = ms_LANES / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) {
      ms_shared[lane] += ms_shared[lane + stride];
    }
    workgroupBarrier();
  }
  let total = ms_shared[0];
  workgroupBarrier();
  return total;
}

// Sum over runs of `width` neighbouring lanes (a power of two); each run's first lane gets it.
fn ms_sum_runs(lane: u32, width: u32, value: f32) -> f32 {
  if (width == 1u) {
    return value;
  }
  ms_shared[lane].x = value;
  workgroupBarrier();
  for (var stride = width / 2u; stride > 0u; stride /= 2u) {
    if (lane % width < stride) {
      ms_shared[lane].x += ms_shared[lane + stride].x;
    }
    workgroupBarrier();
  }
  let total = ms_shared[lane].x;
  workgroupBarrier();
  return total;
}

struct ms_Largest {
  value: f32,
  index: u32,
}

// The largest value and its index (the smaller one of a tie), returned to every lane.
fn ms_largest(lane: u32, value: f32, index: u32) -> ms_Largest {
  ms_shared[lane].x = value;
  ms_shared_index[lane] = index;
  workgroupBarrier();
  for (var stride = ms_LANES / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) {
      let other = ms_shared[lane + stride].x;
      let other_index = ms_shared_index[lane + stride];
      let own = ms_shared[lane].x;
      if (other > own || (other == own && other_index < ms_shared_index[lane])) {
        ms_shared[lane].x = other;
        ms_shared_index[lane] = other_index;
      }
    }
    workgroupBarrier();
  }
  let result = ms_Largest(ms_shared[0].x, ms_shared_index[0]);
  workgroupBarrier();
  return result;
}
