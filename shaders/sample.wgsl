// Kernel A: draw + evaluate + log q, each component's own samples, a group of them an invocation. Writes the values and, for the
// moments, the whitened draws and (where the estimator asks) the whitened gradients and Hessians of f = l - omega log q, as structures of
// arrays.

fn ms_start(workgroup: vec3u, lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_group_among(ms_control.components, ms_control.rows, workgroup, lane);
  if (place.component == 0xffffffffu) {
    return;
  }
  var y: ms_Points;
  ms_draw_group(place, &y);
  var x = ms_place(place.component, &y, ms_params.draw_scale);
  var square = ms_all(0.0);
  for (var i = 0u; i < DIM; i++) {
    y[i] = ms_params.draw_scale * y[i];
    square += ms_times(y[i], y[i]);
  }
  ms_keep_draws(place, &y);
  ms_sample_group(place, &x, &y, square);
}

fn ms_write_value(place: ms_GroupPlace, s: u32, l: f32, log_q: f32) {
  let f = select(l - ms_control.temperature * log_q, ms_NO_VALUE, l == ms_NO_VALUE);
  ms_values[place.component * ms_params.samples + place.sample + s * place.step] = vec4f(l, f, log_q, 0.0);
}
