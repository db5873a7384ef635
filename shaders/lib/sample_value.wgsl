// l, f and log q of one sample; estimators that use values only.
fn ms_sample_value(k: u32, x: ptr<function, Point>, index: u32) -> vec4f {
  let l = ms_evaluate(x, index);
  let log_q = ms_density(x, ms_control.components).log_q;
  return vec4f(l, select(l - ms_control.temperature * log_q, ms_NO_VALUE, l == ms_NO_VALUE), log_q, 0.0);
}
