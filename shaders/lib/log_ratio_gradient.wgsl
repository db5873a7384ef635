// Density at the rows, and grad f from the grad l that they came with.
fn ms_row_density(x: ptr<function, ms_Points>, place: ms_GroupPlace) -> ms_Density {
  var nobody: ms_Points;
  var pull: ms_Points;
  let density = ms_density_with_gradient(x, ms_control.components, ms_Own(ms_NOBODY, ms_all(0.0)), &nobody, &pull);
  ms_keep_slopes(place, &pull);
  return density;
}
