// The permeability a = exp(sum of modes) of a batch, on the nodes of the grid and of all coarser ones. The cosine basis is a product:
// first the sums over l2 at a row's x2, one for each l1, then along the row. Mirroring x1 or x2 turns the sign of that axis's odd
// modes alone, so four nodes share their sums, and a mirrored theta gives the mirrored bits.
// One invocation a (member, row of the lower half of a grid).

// Beyond this |log a| float32 does not solve the system: the entry becomes 0, which says so.
const ms_MOST_LOG: f32 = 40.0;

fn ms_put(index: u32, log_a: f32) {
  var a = 0.0;
  if (ms_is_finite(log_a) && abs(log_a) <= ms_MOST_LOG) {
    a = exp(log_a);
  }
  ms_permeability[index] = a;
}

@compute @workgroup_size(ms_LANES)
fn ms_main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let linear = (workgroup.y * workgroups.x + workgroup.x) * ms_LANES + lane;
  let member = linear / ms_ROWS;
  if (member >= arrayLength(&ms_parameters) / DIM) {
    return;
  }
  let theta = member * DIM;
  // x: nodes a side, y: where its field begins, z: where its cosines begin, w: the row.
  let row = ms_rows[linear % ms_ROWS];
  let cosines = row.z + row.w * ms_FREQUENCIES;
  // For each l1 the sums over even and over odd l2.
  var amplitudes: array<vec2f, ms_FREQUENCIES>;
  for (var l = 0u; l < ms_FREQUENCIES; l++) {
    var sums = vec2f(0.0);
    for (var m = ms_groups[l]; m < ms_groups[l + 1u]; m++) {
      // x: l2, y: which parameter, z: scale.
      let mode = ms_modes[m];
      let term = ms_parameters[theta + mode.y] * bitcast<f32>(mode.z) * ms_cosines[cosines + mode.x];
      sums += select(vec2f(term, 0.0), vec2f(0.0, term), (mode.x & 1u) == 1u);
    }
    amplitudes[l] = sums;
  }
  let below = member * ms_FIELD + row.y + row.w * row.x;
  let above = member * ms_FIELD + row.y + (row.x - 1u - row.w) * row.x;
  for (var x = 0u; x < (row.x + 1u) / 2u; x++) {
    let here = row.z + x * ms_FREQUENCIES;
    // Sums over even l1, over odd l1: of even and of odd l2.
    var even = vec2f(0.0);
    var odd = vec2f(0.0);
    for (var l = 0u; l < ms_FREQUENCIES; l += 2u) {
      even += amplitudes[l] * ms_cosines[here + l];
    }
    for (var l = 1u; l < ms_FREQUENCIES; l += 2u) {
      odd += amplitudes[l] * ms_cosines[here + l];
    }
    let left = even + odd;
    let right = even - odd;
    ms_put(below + x, left.x + left.y);
    ms_put(below + row.x - 1u - x, right.x + right.y);
    ms_put(above + x, left.x - left.y);
    ms_put(above + row.x - 1u - x, right.x - right.y);
  }
}
