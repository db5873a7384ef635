fn ms_raw_gradient(u: ptr<function, Point>, index: u32, gradient: ptr<function, Point>) -> f32 {
  return value_and_gradient(ms_user_point(u), gradient);
}
