// spectrum_full.wgsl for a diagonal covariance, where nothing has to be found.

const ms_SPECTRUM_ERROR: f32 = 1.0e-6;

var<workgroup> ms_eigenvalues: array<f32, DIM>;

fn ms_find_spectrum(k: u32, lane: u32, squares: vec2f) {
  for (var i = lane; i < DIM; i += ms_LANES) {
    ms_eigenvalues[i] = -ms_moments[k * ms_MOMENT + DIM + i];
  }
  workgroupBarrier();
}

fn ms_distance(k: u32, base: f32, gap: f32, length: f32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let shift = min(abs(ms_moments[k * ms_MOMENT + i]) / (gap + max(base + ms_eigenvalues[i], 0.0)), 1.0e15);
    sum += shift * shift;
  }
  return sum;
}
