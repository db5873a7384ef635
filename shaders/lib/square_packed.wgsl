// |L^-1 (x - mean)|^2
fn ms_square(component: u32, x: ptr<function, ms_Points>) -> ms_Group {
  var y: ms_Points;
  return ms_whiten(component, x, &y);
}
