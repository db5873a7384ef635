// Stage 3 for a shared batch: f = l - omega log q at every row by the mixture as it is now, with its gradient where asked for, and
// for fresh rows the log density of the proposal they come from, which they keep.
// ms_AGAIN: the components have been updated since the rows were drawn; only f is made anew.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_row_place(workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  let row = ms_ring(place.sample);
  let position = row - ms_chunk.first_sample;
  var x: Point;
  for (var i = 0u; i < DIM; i++) {
    x[i] = ms_points[i * ms_chunk.batch_stride + position];
  }
  let density = ms_row_density(&x, position);
  let l = ms_values[row].x;
  ms_values[row].y = select(l - ms_control.temperature * density.log_q, ms_NO_VALUE, l == ms_NO_VALUE);
  let reused = ms_control.rows - ms_control.fresh;
  if (!ms_AGAIN && place.sample >= reused) {
    ms_values[row].z = density.log_proposal;
    ms_remember(place.sample - reused, l, &x);
  }
}
