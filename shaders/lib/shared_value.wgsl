// (l, f, log of the proposal's density) of a sample of the shared batch; estimators that use values only.
fn ms_shared_value(x: ptr<function, Point>, index: u32) -> vec4f {
  let l = ms_evaluate(x, index);
  let density = ms_density(x, ms_params.components);
  let f = select(l - ms_control.temperature * density.log_q, ms_NO_VALUE, l == ms_NO_VALUE);
  return vec4f(l, f, select(density.log_q, density.log_flat, ms_FLAT), 0.0);
}
