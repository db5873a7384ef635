// log rho and its gradient at the quadrature nodes of every component, in that component's whitened coordinates, with what each component
// i pulls: sqrt(r_i) (u_i - g), u_i = L_k^T C_i^-1 (m_i - x), from which the Hessian follows (kalman.md 3.2). One invocation a node.
// ms_nodes holds a row of DIM coordinates and a weight for each node.

fn ms_pull_of(slot: u32, i: u32) -> u32 {
  return (slot * ms_control.components + i) * (DIM + 1u);
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slot = ms_linear(workgroup, grid, lane);
  let k = slot / ms_NODES;
  if (ms_stopped() || k >= ms_control.components) {
    return;
  }
  var eps: Point;
  for (var i = 0u; i < DIM; i++) {
    eps[i] = ms_nodes[(slot % ms_NODES) * (DIM + 1u) + i];
  }
  var x = ms_place(k, &eps, 1.0);
  var y: Point;
  var pull: Point;
  var top = ms_NO_VALUE;
  var sum = 0.0;
  for (var i = 0u; i < ms_control.components; i++) {
    ms_hold(i);
    let square = ms_whiten(i, &x, &y);
    let term = ms_components[i * ms_RECORD + ms_LOG_NORM] - 0.5 * square + ms_components[i * ms_RECORD + ms_LOG_WEIGHT];
    if (term > top) {
      sum = sum * ms_exp(top - term) + 1.0;
      top = term;
    } else {
      sum += ms_exp(term - top);
    }
    for (var axis = 0u; axis < DIM; axis++) {
      pull[axis] = 0.0;
    }
    ms_add_precision_times(i, &y, -1.0, 1.0, &pull);
    ms_whiten_gradient(k, &pull);
    let at = ms_pull_of(slot, i);
    for (var axis = 0u; axis < DIM; axis++) {
      ms_pulls[at + axis] = pull[axis];
    }
    ms_pulls[at + DIM] = term;
  }
  let log_density = top + log(sum);
  // The gradient, into `eps`, which has done its work.
  for (var axis = 0u; axis < DIM; axis++) {
    eps[axis] = 0.0;
  }
  for (var i = 0u; i < ms_control.components; i++) {
    let at = ms_pull_of(slot, i);
    let share = ms_exp(ms_pulls[at + DIM] - log_density);
    for (var axis = 0u; axis < DIM; axis++) {
      eps[axis] += share * ms_pulls[at + axis];
    }
  }
  for (var i = 0u; i < ms_control.components; i++) {
    let at = ms_pull_of(slot, i);
    let root = ms_exp(0.5 * (ms_pulls[at + DIM] - log_density));
    for (var axis = 0u; axis < DIM; axis++) {
      ms_pulls[at + axis] = root * (ms_pulls[at + axis] - eps[axis]);
    }
  }
  for (var axis = 0u; axis < DIM; axis++) {
    ms_entropy[slot * (DIM + 1u) + axis] = eps[axis];
  }
  ms_entropy[slot * (DIM + 1u) + DIM] = log_density;
}
