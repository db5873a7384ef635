// R = I/h + S^T S, the noise of the whitened observations at step h with what the bends add to it (kalman.md 3.1.3), packed lower
// triangles. One invocation an entry.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let k = at / ms_TRIANGLE;
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  let entry = ms_lower_entry(at % ms_TRIANGLE);
  var sum = select(0.0, 1.0 / ms_params.rate, entry.x == entry.y);
  let base = k * DIM * OBSERVATIONS;
  for (var a = 0u; a < DIM; a++) {
    sum += ms_bends[base + a * OBSERVATIONS + entry.x] * ms_bends[base + a * OBSERVATIONS + entry.y];
  }
  ms_noise[at] = sum;
}
