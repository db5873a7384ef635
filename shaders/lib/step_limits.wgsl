// Bounds that hold whatever the step: marginal standard deviations within [floor, cap], means near the box.

// What a row of L is scaled by, given its squared length.
fn ms_deviation_scale(square: f32) -> f32 {
  let deviation = sqrt(max(square, 1.0e-30));
  let capped = select(deviation, min(deviation, ms_params.deviation_cap), ms_params.deviation_cap > 0.0);
  return max(capped, ms_params.deviation_floor) / deviation;
}

fn ms_held_mean(mean: f32) -> f32 {
  return select(mean, clamp(mean, -ms_params.mean_cap, ms_params.mean_cap), ms_params.mean_cap > 0.0);
}

var<workgroup> ms_agreement: u32;

// A flag that all lanes hold alike, made uniform in the eyes of the compiler.
fn ms_agreed(lane: u32, flag: bool) -> bool {
  if (lane == 0u) {
    ms_agreement = select(0u, 1u, flag);
  }
  return workgroupUniformLoad(&ms_agreement) != 0u;
}
