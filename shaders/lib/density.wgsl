// The mixture's log density by an online log-sum-exp over the components: no naive densities, no second pass.
// ms_SHARES: whether the density is wanted too that the components' shares of a shared batch make. ms_see: what else is done with each
// component's density.

struct ms_Density {
  log_q: ms_Group,
  log_proposal: ms_Group,   // log sum_k share_k N_k; log q where the shares are the weights
}

// What a sample's own component knows of it without solving: its whitened place.
struct ms_Own {
  component: u32,      // ms_NOBODY: it is nobody's
  square: ms_Group,    // |y|^2
}

const ms_NOBODY: u32 = 0xffffffffu;

fn ms_log_density_of(log_norm: f32, square: ms_Group) -> ms_Group {
  return ms_all(log_norm) + -0.5 * square;
}

fn ms_component_log_density(component: u32, square: ms_Group) -> ms_Group {
  return ms_log_density_of(ms_head(component).x, square);
}

fn ms_density(x: ptr<function, ms_Points>, components: u32, own: ms_Own) -> ms_Density {
  var top = ms_all(ms_NO_VALUE);
  var sum = ms_all(0.0);
  var share_top = ms_all(ms_NO_VALUE);
  var share_sum = ms_all(0.0);
  for (var j = 0u; j < components; j++) {
    var square = own.square;
    if (ms_needed(j != own.component)) {
      let solved = ms_square(j, x);
      if (j != own.component) {
        square = solved;
      }
    }
    let head = ms_head(j);
    let log_own = ms_log_density_of(head.x, square);
    ms_see(j, log_own);
    let joined = ms_join(top, log_own + ms_all(head.y));
    sum = ms_times(sum, joined.shrink) + joined.weight;
    top = joined.top;
    if (ms_SHARES) {
      let part = ms_join(share_top, log_own + ms_all(head.z));
      share_sum = ms_times(share_sum, part.shrink) + part.weight;
      share_top = part.top;
    }
  }
  let log_q = top + ms_log_of(sum);
  if (ms_SHARES) {
    return ms_Density(log_q, share_top + ms_log_of(share_sum));
  }
  return ms_Density(log_q, log_q);
}

// The same, and the gradient of log q: -sum_j r_j L_j^-T y_j with responsibilities r. `own_y`: the whitened place in `own.component`.
fn ms_density_with_gradient(
  x: ptr<function, ms_Points>, components: u32, own: ms_Own, own_y: ptr<function, ms_Points>, gradient: ptr<function, ms_Points>,
) -> ms_Density {
  var top = ms_all(ms_NO_VALUE);
  var sum = ms_all(0.0);
  var share_top = ms_all(ms_NO_VALUE);
  var share_sum = ms_all(0.0);
  var y: ms_Points;
  for (var i = 0u; i < DIM; i++) {
    (*gradient)[i] = ms_all(0.0);
  }
  for (var j = 0u; j < components; j++) {
    var square = own.square;
    ms_hold(j);
    if (ms_needed(j != own.component)) {
      square = ms_whiten(j, x, &y);
    }
    if (j == own.component) {
      square = own.square;
      y = *own_y;
    }
    let head = ms_head(j);
    let log_own = ms_log_density_of(head.x, square);
    ms_see(j, log_own);
    let joined = ms_join(top, log_own + ms_all(head.y));
    sum = ms_times(sum, joined.shrink) + joined.weight;
    top = joined.top;
    // Below rounding, even were it the largest of all from here on. Sample by sample: who is in a group must not matter.
    let counting = ms_times(joined.weight, ms_above(joined.weight, 1.0e-9));
    if (ms_needed(ms_any_above(counting, 0.0))) {
      ms_add_precision_times(j, &y, -1.0 * counting, joined.shrink, gradient);
    } else {
      for (var i = 0u; i < DIM; i++) {
        (*gradient)[i] = ms_times(joined.shrink, (*gradient)[i]);
      }
    }
    if (ms_SHARES) {
      let part = ms_join(share_top, log_own + ms_all(head.z));
      share_sum = ms_times(share_sum, part.shrink) + part.weight;
      share_top = part.top;
    }
  }
  let share = ms_reciprocal(sum);
  for (var i = 0u; i < DIM; i++) {
    (*gradient)[i] = ms_times((*gradient)[i], share);
  }
  let log_q = top + ms_log_of(sum);
  if (ms_SHARES) {
    return ms_Density(log_q, share_top + ms_log_of(share_sum));
  }
  return ms_Density(log_q, log_q);
}
