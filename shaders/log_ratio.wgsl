// Stage 3 for a shared batch: f = l - omega log q at every row by the mixture as it is now, with its gradient where asked for, and
// for fresh rows the log density of the proposal they come from, which they keep. And what each row counts for each component.
// ms_AGAIN: the components have been updated since the rows were drawn; only f and the weights are made anew, and fresh rows
// go into the store of past samples.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_group_among(1u, ms_control.rows, workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  var x = ms_read_group(place);
  ms_seen = place;
  let density = ms_row_density(&x, place);
  let log_q = ms_numbers(density.log_q);
  let log_proposal = ms_numbers(density.log_proposal);
  let reused = ms_control.rows - ms_control.fresh;
  var origins: array<f32, ms_GROUP>;
  var proposals: array<f32, ms_GROUP>;
  for (var s = 0u; s < place.count; s++) {
    let sample = place.sample + s * place.step;
    let row = ms_ring(sample);
    let value = ms_values[row];
    let fresh = sample >= reused;
    origins[s] = value.w;
    proposals[s] = value.z;
    ms_values[row].y = select(value.x - ms_control.temperature * log_q[s], ms_NO_VALUE, value.x == ms_NO_VALUE);
    if (ms_AGAIN) {
      if (fresh) {
        var point = ms_point(&x, s);
        ms_remember(sample - reused, value.x, &point);
      }
    } else if (fresh) {
      proposals[s] = log_proposal[s];
      ms_values[row].z = log_proposal[s];
    }
  }
  for (var k = 0u; k < ms_control.components; k++) {
    for (var s = 0u; s < place.count; s++) {
      let index = ms_weight_index(k, place.sample + s * place.step);
      ms_weights[index] = ms_row_weight(k, ms_weights[index], proposals[s], origins[s]);
    }
  }
}
