// ms_gram + ridge = Q Q^T in place, one workgroup: right-looking, column by column. Every pivot is the ridge at least; rounding is held to
// it.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(local_invocation_index) lane: u32) {
  if (ms_stopped()) {
    return;
  }
  let members = ms_params.samples;
  let ridge = ms_ensemble[ms_ENSEMBLE_RIDGE];
  for (var c = 0u; c < members; c++) {
    let diagonal = c * (c + 1u) / 2u + c;
    let root = sqrt(max(ms_gram[diagonal], 0.0) + ridge);
    storageBarrier();
    workgroupBarrier();
    if (lane == 0u) {
      ms_gram[diagonal] = root;
    }
    for (var r = c + 1u + lane; r < members; r += ms_LANES) {
      ms_gram[r * (r + 1u) / 2u + c] /= root;
    }
    storageBarrier();
    workgroupBarrier();
    for (var r = c + 1u + lane; r < members; r += ms_LANES) {
      let row = r * (r + 1u) / 2u;
      let own = ms_gram[row + c];
      for (var s = c + 1u; s <= r; s++) {
        ms_gram[row + s] -= own * ms_gram[s * (s + 1u) / 2u + c];
      }
    }
    storageBarrier();
    workgroupBarrier();
  }
}
