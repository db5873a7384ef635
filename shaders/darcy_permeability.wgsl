// The permeability a = exp(sum of modes) of a batch, on the nodes of the grid and of all coarser ones. The cosine basis is a product:
// first the sums over l2 at the row's x2, one for each l1, then along the row. One invocation a (member, row of a grid).

// Beyond this |log a| float32 does not solve the system: the entry becomes 0, which says so.
const ms_MOST_LOG: f32 = 40.0;

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
  // x: nodes a side, y: the row's cosines, z: those of its grid's first column, w: where the row lies in the permeability.
  let row = ms_rows[linear % ms_ROWS];
  var amplitudes: array<f32, ms_FREQUENCIES>;
  for (var f = 0u; f < ms_FREQUENCIES; f++) {
    amplitudes[f] = 0.0;
  }
  for (var m = 0u; m < DIM; m++) {
    let mode = ms_modes[m];
    amplitudes[mode.x] += ms_parameters[member * DIM + m] * ms_scales[m] * ms_cosines[row.y + mode.y];
  }
  for (var x = 0u; x < row.x; x++) {
    var log_a = 0.0;
    for (var f = 0u; f < ms_FREQUENCIES; f++) {
      log_a += amplitudes[f] * ms_cosines[row.z + x * ms_FREQUENCIES + f];
    }
    var a = 0.0;
    if (ms_is_finite(log_a) && abs(log_a) <= ms_MOST_LOG) {
      a = exp(log_a);
    }
    ms_permeability[member * ms_FIELD + row.w + x] = a;
  }
}
