// log q with gradient and Hessian: Hess log q = sum_j r_j (a_j a_j^T - S_j) - (grad log q)(grad log q)^T, a_j = -L_j^-T y_j,
// S_j the precision. Two passes: the responsibilities need log q first.
fn ms_density_with_hessian(
  x: ptr<function, Point>, components: u32, gradient: ptr<function, Point>, hessian: ptr<function, Hessian>,
) -> ms_Density {
  var own_y: Point;
  let density = ms_density_with_gradient(x, components, ms_Own(ms_NOBODY, 0.0), &own_y, gradient);
  for (var a = 0u; a < DIM; a++) {
    for (var b = 0u; b < DIM; b++) {
      (*hessian)[a * DIM + b] = -(*gradient)[a] * (*gradient)[b];
    }
  }
  var y: Point;
  for (var j = 0u; j < components; j++) {
    ms_hold(j);
    let log_own = ms_component_log_density(j, ms_whiten(j, x, &y)) + ms_head(j).y;
    let responsibility = ms_exp(log_own - density.log_q);
    var pull = Point();  // spelled out: Dawn on SwiftShader zeroes a bare `var` in a loop only once
    ms_add_precision_times(j, &y, -1.0, 1.0, &pull);
    for (var a = 0u; a < DIM; a++) {
      for (var b = 0u; b < DIM; b++) {
        (*hessian)[a * DIM + b] += responsibility * (pull[a] * pull[b] - ms_precision(j, a, b));
      }
    }
  }
  return density;
}
