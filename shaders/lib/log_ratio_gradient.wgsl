// Density at the rows, and grad f from the grad l that they came with.
fn ms_row_density(x: ptr<function, ms_Points>, place: ms_GroupPlace) -> ms_Density {
  var nobody: ms_Points;
  var pull: ms_Points;
  let density = ms_density_with_gradient(x, ms_control.components, ms_Own(ms_NOBODY, ms_all(0.0)), &nobody, &pull);
  ms_keep_slopes(place, &pull);
  return density;
}

fn ms_keep_slopes(place: ms_GroupPlace, pull: ptr<function, ms_Points>) {
  for (var i = 0u; i < DIM; i++) {
    let row = (*pull)[i];
    for (var s = 0u; s < place.count; s++) {
      let at = i * ms_chunk.batch_stride + ms_position(place, s);
      ms_row_slopes[at] = ms_point_slopes[at] - ms_control.temperature * ms_number(row, s);
    }
  }
}
