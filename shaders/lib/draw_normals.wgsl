fn ms_draw_normals(sample: u32, component: u32) -> Point {
  var eps: Point;
  for (var i = 0u; i < DIM; i += 4u) {
    let z = ms_normals(ms_random(i / 4u, ms_PURPOSE_DRAW, sample, component, ms_control.round, ms_params.seed));
    for (var j = i; j < min(i + 4u, DIM); j++) {
      eps[j] = z[j - i];
    }
  }
  return eps;
}
