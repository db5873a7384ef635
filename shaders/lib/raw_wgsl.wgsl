fn ms_raw_value(u: ptr<function, Point>, index: u32) -> f32 {
  return objective(ms_user_point(u));
}
