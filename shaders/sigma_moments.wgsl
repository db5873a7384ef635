// Whitened moments from sigma points, for the direct step. One invocation a number of (g, G). With B the slopes, r the residual at the
// mean, V and p the prior's:
//   ms_KALMAN (Gaussian-mixture Kalman inversion, kalman.md 3.1.3): slopes and residual are whitened by R already,
//     g = B r / h + V^T p, G = -(B B^T) / h - V^T V, and F = -Phi at the mean.
//   else (DF-GMVI, 3.2): g += B r + V^T p, G -= B B^T + diag(6 |a|^2) + V^T V with a = S / c, and F -= Phi.
// A component whose model run failed at the mean goes to the middle of those of its sigma points that did not; where it was widened before,
// it is narrowed again.

const ms_SIGMA: u32 = 2u * DIM + 1u;

fn ms_sigma_gradient(k: u32, a: u32) -> f32 {
  let slope = (k * DIM + a) * OBSERVATIONS;
  var data = 0.0;
  for (var i = 0u; i < OBSERVATIONS; i++) {
    data += ms_slopes_of[slope + i] * ms_innovation(k, i);
  }
  var prior = 0.0;
  for (var r = a; r < DIM; r++) {
    prior += ms_prior_entry(k, r, a) * ms_prior_residual(k, r);
  }
  return ms_scale() * data + prior;
}

fn ms_sigma_matrix(k: u32, a: u32, b: u32) -> f32 {
  let left = (k * DIM + a) * OBSERVATIONS;
  let right = (k * DIM + b) * OBSERVATIONS;
  var data = 0.0;
  for (var i = 0u; i < OBSERVATIONS; i++) {
    data += ms_slopes_of[left + i] * ms_slopes_of[right + i];
  }
  var prior = 0.0;
  for (var r = max(a, b); r < DIM; r++) {
    prior += ms_prior_entry(k, r, a) * ms_prior_entry(k, r, b);
  }
  return -ms_scale() * data - prior - ms_bend_matrix(k, a, b);
}

// The middle of the usable sigma points along an axis, which is all that a component without a run at its mean goes by.
fn ms_middle(k: u32, a: u32) -> f32 {
  let plus = k * ms_SIGMA + 1u + 2u * a;
  var usable = 0.0;
  for (var point = 1u; point < ms_SIGMA; point++) {
    usable += select(0.0, 1.0, ms_misfits[k * ms_SIGMA + point] != ms_NO_VALUE);
  }
  let above = select(0.0, 1.0, ms_misfits[plus] != ms_NO_VALUE);
  let below = select(0.0, 1.0, ms_misfits[plus + 1u] != ms_NO_VALUE);
  return ms_params.draw_scale * (above - below) / max(usable, 1.0);
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let k = at / ms_MOMENT;
  let output = at % ms_MOMENT;
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  let misfit = ms_misfits[k * ms_SIGMA];
  let central = misfit != ms_NO_VALUE;
  if (output < DIM) {
    ms_moments[at] = select(ms_unmoved(ms_middle(k, output)), ms_before(at) + ms_sigma_gradient(k, output), central);
  } else {
    let pair = ms_lower_entry(output - DIM);
    ms_moments[at] = select(ms_unchanged(pair.x == pair.y), ms_before(at) + ms_sigma_matrix(k, pair.x, pair.y), central);
  }
  if (output > 0u) {
    return;
  }

  var usable = 0.0;
  for (var point = 0u; point < ms_SIGMA; point++) {
    usable += select(0.0, 1.0, ms_misfits[k * ms_SIGMA + point] != ms_NO_VALUE);
  }
  var prior = 0.0;
  for (var r = 0u; r < DIM; r++) {
    prior += ms_prior_residual(k, r) * ms_prior_residual(k, r);
  }
  let record = k * ms_RECORD;
  let potential = misfit + 0.5 * prior;
  ms_components[record + ms_USABLE] = usable;
  ms_components[record + ms_EFFECTIVE] = usable;
  ms_components[record + ms_VARIANCE] = 0.0;
  ms_components[record + ms_VALUE] = select(ms_NO_VALUE, ms_value_before(k) - potential, central);
  if (central && -potential > ms_components[record + ms_BEST]) {
    ms_components[record + ms_BEST] = -potential;
    for (var i = 0u; i < DIM; i++) {
      ms_components[record + ms_BEST_POINT + i] = ms_components[record + ms_MEAN + i];
    }
  }
}
