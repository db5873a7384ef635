// What the Hessian estimator needs of a component beyond its factors.

// Entry of the precision L^-T L^-1
fn ms_precision(component: u32, a: u32, b: u32) -> f32 {
  let inverse = ms_factors[component * 2u * ms_FACTOR + ms_FACTOR + a];
  return select(0.0, inverse * inverse, a == b);
}

// hessian <- L^T hessian L
fn ms_whiten_hessian(component: u32, hessian: ptr<function, Hessian>) {
  let base = component * 2u * ms_FACTOR;
  for (var a = 0u; a < DIM; a++) {
    for (var b = 0u; b < DIM; b++) {
      (*hessian)[a * DIM + b] *= ms_factors[base + a] * ms_factors[base + b];
    }
  }
}
