// Density at a row, and grad f from the grad l that the row came with.
fn ms_row_density(x: ptr<function, Point>, position: u32) -> ms_Density {
  var pull: Point;
  let density = ms_density_with_gradient(x, ms_control.components, &pull);
  for (var i = 0u; i < DIM; i++) {
    let at = i * ms_chunk.batch_stride + position;
    ms_row_slopes[at] = ms_point_slopes[at] - ms_control.temperature * pull[i];
  }
  return density;
}
