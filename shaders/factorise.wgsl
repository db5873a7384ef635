// Batched Cholesky: covariances (packed lower triangles) -> L, L^-1, log normaliser, and a status word a matrix.
// A matrix that is not positive definite leaves its component's factors as they were. One workgroup a matrix.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = workgroup.x;
  ms_work_open(k);
  for (var p = lane; p < ms_FACTOR; p += ms_LANES) {
    ms_work_set(p, ms_covariances[k * ms_FACTOR + p]);
  }
  ms_work_barrier();
  let failure = ms_cholesky(lane);
  if (lane == 0u) {
    ms_statuses[k] = failure;
  }
  if (failure != 0u) {
    return;
  }
  for (var p = lane; p < ms_FACTOR; p += ms_LANES) {
    ms_factors[k * 2u * ms_FACTOR + p] = ms_work_get(p);
  }
  storageBarrier();
  let sums = ms_invert_factor(k, lane);
  if (lane == 0u) {
    ms_components[k * ms_RECORD + ms_LOG_NORM] = sums.x;
    ms_components[k * ms_RECORD + ms_DEVIATION] = sqrt(sums.y / f32(DIM));
  }
}
