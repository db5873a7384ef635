fn ms_evaluate_with_hessian(
  u: ptr<function, Point>, index: u32, gradient: ptr<function, Point>, curvature: ptr<function, Hessian>,
) -> f32 {
  let raw = ms_SENSE * ms_raw_gradient(u, index, gradient);
  ms_raw_hessian(u, curvature);
  var usable = ms_is_usable(raw);
  for (var i = 0u; i < DIM; i++) {
    let row = ms_enter((*u)[i], ms_box[i]);
    for (var j = 0u; j < DIM; j++) {
      usable = usable && ms_is_usable((*curvature)[i * DIM + j]);
      (*curvature)[i * DIM + j] *= ms_SENSE * row.slope * ms_enter((*u)[j], ms_box[j]).slope;
    }
    (*curvature)[i * DIM + i] += ms_SENSE * (*gradient)[i] * row.bend - ms_cost_bend((*u)[i], row);
    usable = usable && ms_is_usable((*gradient)[i]);
    (*gradient)[i] = ms_SENSE * (*gradient)[i] * row.slope - ms_cost_slope((*u)[i], row);
  }
  return select(ms_NO_VALUE, raw - ms_cost(u), usable);
}
