// A shared batch as one component sees it: whitened draws and gradients of the rows that count for it. Those of others are left as they
// are, and nobody looks at them.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_group_among(ms_control.components, ms_control.rows, workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  let k = place.component;
  var counts = false;
  for (var s = 0u; s < place.count; s++) {
    counts = counts || ms_weights[ms_weight_index(k, place.sample + s * place.step)] > 0.0;
  }
  if (!counts) {
    return;
  }
  var x = ms_read_group(place);
  var y: ms_Points;
  ms_hold(k);
  ms_whiten(k, &x, &y);
  ms_keep_draws(place, &y);
  ms_reweigh_slopes(place);
}
