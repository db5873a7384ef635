// Stage 3 alone, at given points in search coordinates: log q, its gradient, responsibilities.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = (workgroup.y * ms_batch.grid_width + workgroup.x) * ms_LANES + lane;
  if (index >= ms_batch.count) {
    return;
  }
  var x: Point;
  for (var i = 0u; i < DIM; i++) {
    x[i] = ms_points[index * DIM + i];
  }
  var y: Point;
  var gradient: Point;
  let log_q = ms_density_with_gradient(&x, ms_batch.components, ms_Own(ms_NOBODY, 0.0), &y, &gradient).log_q;
  ms_results[index] = log_q;
  for (var i = 0u; i < DIM; i++) {
    ms_gradients[index * DIM + i] = gradient[i];
  }
  for (var j = 0u; j < ms_batch.components; j++) {
    ms_hold(j);
    let log_own = ms_component_log_density(j, ms_whiten(j, &x, &y)) + ms_head(j).y;
    ms_responsibilities[index * ms_batch.components + j] = ms_exp(log_own - log_q);
  }
}
