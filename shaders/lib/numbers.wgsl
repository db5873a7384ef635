// Finite stand-ins and bit tests. WGSL may assume that NaN and Inf never happen (section "Floating Point Evaluation"),
// so a result is judged by its bits and "no value" is a finite sentinel.
const ms_NO_VALUE: f32 = -3.0e38;
const ms_HALF_LOG_TWO_PI: f32 = 0.9189385332046727;

fn ms_is_finite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

// Usable as an objective value: finite, and small enough that sums of many stay finite.
fn ms_is_usable(value: f32) -> bool {
  return ms_is_finite(value) && abs(value) < 1.0e30;
}

// exp for arguments that may be anything below 0.
fn ms_exp(exponent: f32) -> f32 {
  return exp(max(exponent, -87.0));
}

// Of four. A choice is cheaper than a maximum, which minds NaN.
fn ms_exp_of(exponents: vec4f) -> vec4f {
  return exp(select(exponents, vec4f(-87.0), exponents < vec4f(-87.0)));
}
