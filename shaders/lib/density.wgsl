// The mixture's log density by an online log-sum-exp over the components: no naive densities, no second pass.
// ms_FLAT: whether the density with equal weights is wanted too.

struct ms_Density {
  log_q: f32,
  log_flat: f32,   // the same with all weights 1/K: the proposal of flat and stratified sampling
}

fn ms_component_log_density(component: u32, square: f32) -> f32 {
  return ms_components[component * ms_RECORD + ms_LOG_NORM] - 0.5 * square;
}

fn ms_density(x: ptr<function, Point>, components: u32) -> ms_Density {
  var top = ms_NO_VALUE;
  var sum = 0.0;
  var flat_top = ms_NO_VALUE;
  var flat_sum = 0.0;
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
    if (ms_FLAT) {
      if (own > flat_top) {
        flat_sum = flat_sum * ms_exp(flat_top - own) + 1.0;
        flat_top = own;
      } else {
        flat_sum += ms_exp(own - flat_top);
      }
    }
  }
  return ms_Density(top + log(sum), select(0.0, flat_top + log(max(flat_sum, 1.0)) - log(f32(components)), ms_FLAT));
}

// The same, and the gradient of log q: -sum_j r_j L_j^-T y_j with responsibilities r.
fn ms_density_with_gradient(x: ptr<function, Point>, components: u32, gradient: ptr<function, Point>) -> ms_Density {
  var top = ms_NO_VALUE;
  var sum = 0.0;
  var flat_top = ms_NO_VALUE;
  var flat_sum = 0.0;
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
    ms_add_precision_times(j, &y, -weight, gradient);
    if (ms_FLAT) {
      if (own > flat_top) {
        flat_sum = flat_sum * ms_exp(flat_top - own) + 1.0;
        flat_top = own;
      } else {
        flat_sum += ms_exp(own - flat_top);
      }
    }
  }
  for (var i = 0u; i < DIM; i++) {
    (*gradient)[i] /= sum;
  }
  return ms_Density(top + log(sum), select(0.0, flat_top + log(max(flat_sum, 1.0)) - log(f32(components)), ms_FLAT));
}
