// DF-GMVI: what the mixture's own entropy gives lies in ms_moments and the record already (shaders/entropy_moments.wgsl).
fn ms_scale() -> f32 {
  return 1.0;
}

fn ms_innovation(k: u32, row: u32) -> f32 {
  return ms_residuals[k * ms_SIGMA * OBSERVATIONS + row];
}

fn ms_before(at: u32) -> f32 {
  return ms_moments[at];
}

fn ms_value_before(k: u32) -> f32 {
  return ms_components[k * ms_RECORD + ms_VALUE];
}

fn ms_bend_matrix(k: u32, a: u32, b: u32) -> f32 {
  if (a != b) {
    return 0.0;
  }
  let bend = (k * DIM + a) * OBSERVATIONS;
  var square = 0.0;
  for (var i = 0u; i < OBSERVATIONS; i++) {
    square += ms_bends[bend + i] * ms_bends[bend + i];
  }
  return 6.0 * square / (ms_params.draw_scale * ms_params.draw_scale);
}

fn ms_unchanged(diagonal: bool) -> f32 {
  return 0.0;
}

fn ms_unmoved(shift: f32) -> f32 {
  return shift / ms_params.rate;
}
