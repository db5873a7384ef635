// The parameters of every component as the kernels that share them among a group of samples read them, in vectors of four. One
// workgroup a component. ms_packed_entry: which entry lies where, as factor_packed.wgsl or its unrolled form take it.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = workgroup.x;
  if (ms_control.stop != 0u || k >= ms_control.components) {
    return;
  }
  for (var at = lane; at < ms_PACKED; at += ms_LANES) {
    var row = vec4f(0.0);
    for (var part = 0u; part < 4u; part++) {
      row[part] = ms_packed_entry(k, at, part);
    }
    ms_packed[k * ms_PACKED + at] = row;
  }
}
