// l of a fresh row of the shared batch; estimators that use values only.
fn ms_fresh_value(x: ptr<function, Point>, index: u32, position: u32) -> f32 {
  return ms_evaluate(x, index);
}
