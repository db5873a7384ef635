// Stage 3 for a shared batch: f = l - omega log q at every row by the mixture as it is now, with its gradient where asked for, and
// for fresh rows the log density of the proposal they come from, which they keep.
// ms_AGAIN: the components have been updated since the rows were drawn; only f is made anew.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_group_among(1u, ms_control.rows, workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  var points = ms_read_points(place);
  var x: ms_Points;
  ms_collect(&points, &x);
  let density = ms_row_density(&x, place);
  let log_q = ms_numbers(density.log_q);
  let log_proposal = ms_numbers(density.log_proposal);
  let reused = ms_control.rows - ms_control.fresh;
  for (var s = 0u; s < place.count; s++) {
    let row = ms_ring(place.sample + s * place.step);
    let l = ms_values[row].x;
    ms_values[row].y = select(l - ms_control.temperature * log_q[s], ms_NO_VALUE, l == ms_NO_VALUE);
    let sample = place.sample + s * place.step;
    if (!ms_AGAIN && sample >= reused) {
      ms_values[row].z = log_proposal[s];
      ms_remember(sample - reused, l, &points[s]);
    }
  }
}
