fn ms_evaluate_with_gradient(u: ptr<function, Point>, index: u32, gradient: ptr<function, Point>) -> f32 {
  let raw = ms_SENSE * ms_raw_gradient(u, index, gradient);
  var usable = ms_is_usable(raw);
  for (var i = 0u; i < DIM; i++) {
    let entry = ms_enter((*u)[i], ms_box[i]);
    usable = usable && ms_is_usable((*gradient)[i]);
    (*gradient)[i] = ms_SENSE * (*gradient)[i] * entry.slope - ms_cost_slope((*u)[i], entry);
  }
  return select(ms_NO_VALUE, raw - ms_cost(u), usable);
}
