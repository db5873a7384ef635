// R = Q Q^T in place, one workgroup a component: right-looking, column by column. Every pivot is 1/h at least; rounding is held to it.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_stopped() || workgroup.x >= ms_control.components) {
    return;
  }
  let base = workgroup.x * ms_TRIANGLE;
  for (var c = 0u; c < OBSERVATIONS; c++) {
    let diagonal = base + c * (c + 1u) / 2u + c;
    let root = sqrt(max(ms_noise[diagonal], 1.0 / ms_params.rate));
    storageBarrier();
    workgroupBarrier();
    if (lane == 0u) {
      ms_noise[diagonal] = root;
    }
    for (var r = c + 1u + lane; r < OBSERVATIONS; r += ms_LANES) {
      ms_noise[base + r * (r + 1u) / 2u + c] /= root;
    }
    storageBarrier();
    workgroupBarrier();
    for (var r = c + 1u + lane; r < OBSERVATIONS; r += ms_LANES) {
      let row = base + r * (r + 1u) / 2u;
      let own = ms_noise[row + c];
      for (var s = c + 1u; s <= r; s++) {
        ms_noise[row + s] -= own * ms_noise[base + s * (s + 1u) / 2u + c];
      }
    }
    storageBarrier();
    workgroupBarrier();
  }
}
