// GMBBVI's step size (arXiv 2601.14855): dt = min(eta_n dt_max, dt_max / |Lambda|), |Lambda| the largest |eigenvalue| of G/omega of all
// components (ms_TOGETHER); each by itself, as DGMBBVI has it: dt = min(eta_n dt_max, 1 / |Lambda|). rho = dt / omega. While the
// initialiser anneals each has its own dt, by the first formula with eta = 1.

// ms_DECAY: 0 constant, 1 stable then cosine, 2 stable then linear, 3 cosine, 4 exponential. n = 1 .. N.
fn ms_eta() -> f32 {
  let least = ms_params.decay_least;
  let length = f32(max(ms_params.decay_iterations, 1u));
  let n = min(f32(ms_control.iteration - ms_params.anneal + 1u), length);
  let late = max(2.0 * n / length - 1.0, 0.0);
  switch ms_DECAY {
    case 1u: {
      return least + 0.5 * (1.0 - least) * (1.0 + ms_cos_sin_turn(0.5 * late).x);
    }
    case 2u: {
      return 1.0 - (1.0 - least) * late;
    }
    case 3u: {
      return least + 0.5 * (1.0 - least) * (1.0 + ms_cos_sin_turn(0.5 * n / length).x);
    }
    case 4u: {
      return least * pow(1.0 / least, (length - n) / max(length - 1.0, 1.0));
    }
    default: {
      return 1.0;
    }
  }
}

fn ms_rate(k: u32, lane: u32, squares: vec2f, finite: bool, go: bool) -> f32 {
  let omega = max(ms_control.temperature, 1.0e-30);
  if (ms_control.iteration < ms_params.anneal) {
    return ms_params.anneal_rate * min(1.0 / omega, 1.0 / max(ms_components[k * ms_RECORD + ms_RADIUS], 1.0e-30));
  }
  var radius = ms_components[k * ms_RECORD + ms_RADIUS];
  var bound = 1.0;
  if (ms_TOGETHER) {
    radius = 0.0;
    bound = ms_params.rate;
    for (var j = lane; j < ms_control.components; j += ms_LANES) {
      radius = max(radius, ms_components[j * ms_RECORD + ms_RADIUS]);
    }
    radius = ms_largest(lane, radius, lane).value;
  }
  return min(ms_params.rate * ms_eta() / omega, bound / max(radius, 1.0e-30));
}
