// Sigma <- L A L^T for a rule that left A in the work triangle and had ms_cholesky make A = C C^T of it: L <- L C, lower times lower, and
// Sigma is never formed. The mean moves by rate L g, by the old L or by the new one.

// Returns (log normaliser, tr Sigma, 0, 0). Called by all lanes together.
fn ms_step_by_factor(k: u32, lane: u32, mean_rate: f32, by_new: bool) -> vec4f {
  let base = k * 2u * ms_FACTOR;
  let mean = ms_mean_of(k);
  let moments = k * ms_MOMENT;
  for (var r = lane; r < DIM; r += ms_LANES) {
    let row = base + r * (r + 1u) / 2u;
    var old_shift = 0.0;
    var square = 0.0;
    // Entry j of the new row takes entries j and on of the old one.
    for (var j = 0u; j <= r; j++) {
      old_shift += ms_factors[row + j] * ms_moments[moments + j];
      var entry = 0.0;
      for (var m = j; m <= r; m++) {
        entry += ms_factors[row + m] * ms_work_get(m * (m + 1u) / 2u + j);
      }
      ms_factors[row + j] = entry;
      square += entry * entry;
    }
    let scale = ms_deviation_scale(square);
    var new_shift = 0.0;
    for (var j = 0u; j <= r; j++) {
      ms_factors[row + j] *= scale;
      new_shift += ms_factors[row + j] * ms_moments[moments + j];
    }
    ms_components[mean + r] = ms_held_mean(ms_components[mean + r] + mean_rate * select(old_shift, new_shift, by_new));
  }
  storageBarrier();
  workgroupBarrier();
  return vec4f(ms_invert_factor(k, lane), 0.0, 0.0);
}
