// Diagonal covariance. `ms_factors` holds per component the standard deviations, then their inverses.
const ms_FACTOR: u32 = DIM;

fn ms_mean_of(component: u32) -> u32 {
  return component * ms_RECORD + ms_MEAN;
}

// x = mean + scale L eps
fn ms_place(component: u32, eps: ptr<function, Point>, scale: f32) -> Point {
  let mean = ms_mean_of(component);
  let base = component * 2u * ms_FACTOR;
  var x: Point;
  for (var i = 0u; i < DIM; i++) {
    x[i] = ms_components[mean + i] + scale * (ms_factors[base + i] * (*eps)[i]);
  }
  return x;
}

// y = L^-1 (x - mean); returns |y|^2
fn ms_whiten(component: u32, x: ptr<function, Point>, y: ptr<function, Point>) -> f32 {
  let mean = ms_mean_of(component);
  let base = component * 2u * ms_FACTOR + ms_FACTOR;
  var square = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let scaled = ms_factors[base + i] * ((*x)[i] - ms_components[mean + i]);
    (*y)[i] = scaled;
    square += scaled * scaled;
  }
  return square;
}

// into += weight L^-T y
fn ms_add_precision_times(component: u32, y: ptr<function, Point>, weight: f32, into: ptr<function, Point>) {
  let base = component * 2u * ms_FACTOR + ms_FACTOR;
  for (var i = 0u; i < DIM; i++) {
    (*into)[i] += weight * ms_factors[base + i] * (*y)[i];
  }
}

// gradient <- L^T gradient
fn ms_whiten_gradient(component: u32, gradient: ptr<function, Point>) {
  let base = component * 2u * ms_FACTOR;
  for (var i = 0u; i < DIM; i++) {
    (*gradient)[i] *= ms_factors[base + i];
  }
}
