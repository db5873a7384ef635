fn ms_evaluate_with_gradient(u: ptr<function, Point>, index: u32, gradient: ptr<function, Point>) -> f32 {
  let raw = ms_SENSE * ms_raw_gradient(u, index, gradient);
  var usable = ms_is_usable(raw);
  for (var i = 0u; i < DIM; i++) {
    let entry = ms_enter((*u)[i], ms_box[i]);
    usable = usable && ms_is_usable((*gradient)[i]);
    (*gradient)[i] = ms_SENSE * (*gradient)[i] * entry.slope - 2.0 * ms_PENALTY * ms_control.first_temperature * entry.outside;
  }
  return select(ms_NO_VALUE, raw - ms_penalty(u), usable);
}
