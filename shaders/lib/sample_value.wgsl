// l, f and log q of a group of samples; estimators that use values only.
fn ms_sample_group(place: ms_GroupPlace, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>, square: ms_Group) {
  let log_q = ms_density(x, ms_control.components, ms_Own(place.component, square)).log_q;
  for (var s = 0u; s < place.count; s++) {
    var point = ms_point(x, s);
    ms_write_value(place, s, ms_evaluate(&point, place.index + s * place.step), ms_number(log_q, s));
  }
}
