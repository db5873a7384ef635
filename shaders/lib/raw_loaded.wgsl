// The objective ran elsewhere (the caller's own GPU passes, or a host function) on the chunk's points.
fn ms_raw_value(u: ptr<function, Point>, index: u32) -> f32 {
  return ms_loaded_values[index];
}
