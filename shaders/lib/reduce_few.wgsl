// Sums and the largest over few lanes, in one round: every lane goes through all of them. Drivers set the text in at every call. Loops begin at
// lane / ms_LANES, which is 0: at a 0 that it knows llvmpipe writes them out, and takes three times as long to compile.

// Sum over all lanes, returned to every lane.
fn ms_sum(lane: u32, value: vec4f) -> vec4f {
  ms_shared[lane] = value;
  workgroupBarrier();
  var total = vec4f(0.0);
  for (var other = lane / ms_LANES; other < ms_LANES; other++) {
    total += ms_shared[other];
  }
  workgroupBarrier();
  return total;
}

// The same of one number.
fn ms_scalar_sum(lane: u32, value: f32) -> f32 {
  ms_shared[lane].x = value;
  workgroupBarrier();
  var total = 0.0;
  for (var other = lane / ms_LANES; other < ms_LANES; other++) {
    total += ms_shared[other].x;
  }
  workgroupBarrier();
  return total;
}

// The largest value and its index, returned to every lane.
fn ms_largest(lane: u32, value: f32, index: u32) -> ms_Largest {
  ms_shared[lane].x = value;
  ms_shared[lane].y = f32(index);
  workgroupBarrier();
  var best = ms_Largest(value, index);
  for (var other = lane / ms_LANES; other < ms_LANES; other++) {
    best = ms_larger(best, ms_shared[other].x, ms_shared[other].y);
  }
  workgroupBarrier();
  return best;
}
