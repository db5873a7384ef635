// log posterior of every member: minus its misfit, and the prior. What has no value gets one that is too large to count.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let member = ms_linear(workgroup, grid, lane);
  if (member >= ms_batch.count) {
    return;
  }
  let misfit = ms_misfits[member];
  if (misfit == ms_NO_VALUE) {
    ms_values[member] = 3.0e38;
    return;
  }
  var sum = 0.0;
  if (ms_PROPER) {
    for (var i = 0u; i < DIM; i++) {
      var residual = 0.0;
      if (ms_CORRELATED) {
        for (var j = 0u; j <= i; j++) {
          residual += ms_prior[i * (i + 1u) / 2u + j] * ms_standard(member, j);
        }
      } else {
        residual = ms_standard(member, i);
      }
      sum += residual * residual;
    }
  }
  ms_values[member] = ms_LOG_NORM - misfit - 0.5 * sum;
}

// (v - mean) / deviation: the search coordinate.
fn ms_standard(member: u32, axis: u32) -> f32 {
  let side = ms_box[axis];
  return (ms_points[member * DIM + axis] - 0.5 * (side.x + side.y)) / (0.5 * side.z);
}
