fn ms_row_density(x: ptr<function, ms_Points>, place: ms_GroupPlace) -> ms_Density {
  return ms_density(x, ms_control.components, ms_Own(ms_NOBODY, ms_all(0.0)));
}
