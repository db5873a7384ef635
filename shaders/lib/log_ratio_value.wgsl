fn ms_row_density(x: ptr<function, Point>, position: u32) -> ms_Density {
  return ms_density(x, ms_control.components);
}
