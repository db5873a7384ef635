// What the Hessian estimator needs of a component beyond its factors.

// Entry of the precision L^-T L^-1
fn ms_precision(component: u32, a: u32, b: u32) -> f32 {
  let base = component * 2u * ms_FACTOR + ms_FACTOR;
  var sum = 0.0;
  for (var i = max(a, b); i < DIM; i++) {
    let row = base + i * (i + 1u) / 2u;
    sum += ms_factors[row + a] * ms_factors[row + b];
  }
  return sum;
}

// hessian <- L^T hessian L, in place (the order of the loops keeps what is still to be read)
fn ms_whiten_hessian(component: u32, hessian: ptr<function, Hessian>) {
  let base = component * 2u * ms_FACTOR;
  for (var a = 0u; a < DIM; a++) {
    for (var j = 0u; j < DIM; j++) {
      var sum = 0.0;
      for (var i = j; i < DIM; i++) {
        sum += ms_factors[base + i * (i + 1u) / 2u + j] * (*hessian)[a * DIM + i];
      }
      (*hessian)[a * DIM + j] = sum;
    }
  }
  for (var b = 0u; b < DIM; b++) {
    for (var j = 0u; j < DIM; j++) {
      var sum = 0.0;
      for (var i = j; i < DIM; i++) {
        sum += ms_factors[base + i * (i + 1u) / 2u + j] * (*hessian)[i * DIM + b];
      }
      (*hessian)[j * DIM + b] = sum;
    }
  }
}
