// The objective at given points, in the user's own coordinates and sign: start candidates, polish, checks along segments.

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
  if (ms_WITH_GRADIENT) {
    var gradient: Point;
    ms_results[index] = ms_point_gradient(x, &gradient);
    for (var i = 0u; i < DIM; i++) {
      ms_gradients[index * DIM + i] = gradient[i];
    }
  } else {
    ms_results[index] = ms_point_value(x);
  }
}
