// The mixture's log density by an online log-sum-exp over the components: no naive densities, no second pass.
// ms_SHARES: whether the density is wanted too that the components' shares of a shared batch make.

struct ms_Density {
  log_q: f32,
  log_proposal: f32,   // log sum_k share_k N_k; log q where the shares are the weights
}

fn ms_component_log_density(component: u32, square: f32) -> f32 {
  return ms_components[component * ms_RECORD + ms_LOG_NORM] - 0.5 * square;
}

fn ms_density(x: ptr<function, Point>, components: u32) -> ms_Density {
  var top = ms_NO_VALUE;
  var sum = 0.0;
  var share_top = ms_NO_VALUE;
  var share_sum = 0.0;
  var y: Point;
  for (var j = 0u; j < components; j++) {
    let own = ms_component_log_density(j, ms_whiten(j, x, &y));
    let term = own + ms_components[j * ms_RECORD + ms_LOG_WEIGHT];
    if (term > top) {
      sum = sum * ms_exp(top - term) + 1.0;
      top = term;
    } else {
      sum += ms_exp(term - top);
    }
    if (ms_SHARES) {
      let share = own + ms_components[j * ms_RECORD + ms_LOG_SHARE];
      if (share > share_top) {
        share_sum = share_sum * ms_exp(share_top - share) + 1.0;
        share_top = share;
      } else {
        share_sum += ms_exp(share - share_top);
      }
    }
  }
  let log_q = top + log(sum);
  return ms_Density(log_q, select(log_q, share_top + log(max(share_sum, 1.0)), ms_SHARES));
}

// The same, and the gradient of log q: -sum_j r_j L_j^-T y_j with responsibilities r.
fn ms_density_with_gradient(x: ptr<function, Point>, components: u32, gradient: ptr<function, Point>) -> ms_Density {
  var top = ms_NO_VALUE;
  var sum = 0.0;
  var share_top = ms_NO_VALUE;
  var share_sum = 0.0;
  var y: Point;
  for (var i = 0u; i < DIM; i++) {
    (*gradient)[i] = 0.0;
  }
  for (var j = 0u; j < components; j++) {
    let own = ms_component_log_density(j, ms_whiten(j, x, &y));
    let term = own + ms_components[j * ms_RECORD + ms_LOG_WEIGHT];
    var weight = 1.0;
    if (term > top) {
      let shrink = ms_exp(top - term);
      for (var i = 0u; i < DIM; i++) {
        (*gradient)[i] *= shrink;
      }
      sum = sum * shrink + 1.0;
      top = term;
    } else {
      weight = ms_exp(term - top);
      sum += weight;
    }
    // Below rounding, even were it the largest of all from here on.
    if (weight > 1.0e-9) {
      ms_add_precision_times(j, &y, -weight, gradient);
    }
    if (ms_SHARES) {
      let share = own + ms_components[j * ms_RECORD + ms_LOG_SHARE];
      if (share > share_top) {
        share_sum = share_sum * ms_exp(share_top - share) + 1.0;
        share_top = share;
      } else {
        share_sum += ms_exp(share - share_top);
      }
    }
  }
  for (var i = 0u; i < DIM; i++) {
    (*gradient)[i] /= sum;
  }
  let log_q = top + log(sum);
  return ms_Density(log_q, select(log_q, share_top + log(max(share_sum, 1.0)), ms_SHARES));
}
