// Stage 3 for a shared batch: f = l - omega log q at every row by the mixture as it is now, with its gradient where asked for, and
// for fresh rows the log density of the proposal they come from, which they keep. And what each row counts for each component.
// ms_AGAIN: the components have been updated since the rows were drawn; only f and the weights are made anew, and fresh rows
// go into the store of past samples.

fn ms_start(workgroup: vec3u, lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_group_among(1u, ms_control.rows, workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  var x = ms_read_group(place);
  ms_look_at(place);
  let density = ms_row_density(&x, place);
  if (place.count == 0u) {
    return;
  }
  let reused = ms_control.rows - ms_control.fresh;
  var origins = ms_all(0.0);
  var proposals = density.log_proposal;
  for (var s = 0u; s < ms_GROUP; s++) {
    let sample = place.sample + ms_offset(place, s);
    let row = ms_ring(sample);
    let value = ms_values[row];
    let fresh = sample >= reused;
    origins = ms_put(origins, s, value.w);
    ms_values[row].y = select(value.x - ms_control.temperature * ms_number(density.log_q, s), ms_NO_VALUE, value.x == ms_NO_VALUE);
    if (ms_AGAIN || !fresh) {
      proposals = ms_put(proposals, s, value.z);
    } else {
      ms_values[row].z = ms_number(density.log_proposal, s);
    }
    // Without a value a row counts for nobody: as if nobody had drawn it, where draws are dense.
    if (value.x == ms_NO_VALUE) {
      origins = ms_put(origins, s, -1.0);
      proposals = ms_put(proposals, s, 3.0e38);
    }
    if (ms_AGAIN && fresh) {
      var point = ms_point(&x, s);
      ms_remember(sample - reused, value.x, &point);
    }
  }
  for (var k = 0u; k < ms_control.components; k++) {
    ms_put_weights(k, ms_row_weights(k, ms_weights_at(k), proposals, origins));
  }
}
