// Members are sigma points: of each component the mean, then mean + s L e_1, mean - s L e_1, mean + s L e_2, ...
const ms_SIGMA: u32 = 2u * DIM + 1u;

fn ms_member_coordinate(member: u32, axis: u32) -> f32 {
  let k = member / ms_SIGMA;
  let point = member % ms_SIGMA;
  let mean = ms_components[k * ms_RECORD + ms_MEAN + axis];
  let column = (point - 1u) / 2u;
  if (point == 0u || column > axis) {
    return ms_unconstrained(axis, mean);
  }
  let entry = ms_factors[k * DIM * (DIM + 1u) + axis * (axis + 1u) / 2u + column];
  let side = select(-ms_params.draw_scale, ms_params.draw_scale, point % 2u == 1u);
  return ms_unconstrained(axis, mean + side * entry);
}

fn ms_member_count() -> u32 {
  return ms_control.components * ms_SIGMA;
}
