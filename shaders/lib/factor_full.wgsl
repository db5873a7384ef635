// Full covariance Sigma = L L^T. `ms_factors` holds per component L, then L^-1: lower triangles, packed by rows.
const ms_FACTOR: u32 = DIM * (DIM + 1u) / 2u;

fn ms_mean_of(component: u32) -> u32 {
  return component * ms_RECORD + ms_MEAN;
}

// Log normaliser, log weight, log share.
fn ms_head(component: u32) -> vec4f {
  let record = component * ms_RECORD;
  return vec4f(ms_components[record + ms_LOG_NORM], ms_components[record + ms_LOG_WEIGHT], ms_components[record + ms_LOG_SHARE], 0.0);
}

// x = mean + scale L eps
fn ms_place(component: u32, eps: ptr<function, ms_Points>, scale: f32) -> ms_Points {
  let mean = ms_mean_of(component);
  var at = component * 2u * ms_FACTOR;
  var x: ms_Points;
  for (var i = 0u; i < DIM; i++) {
    var sum = ms_all(0.0);
    for (var j = 0u; j <= i; j++) {
      sum += ms_factors[at + j] * (*eps)[j];
    }
    at += i + 1u;
    x[i] = ms_all(ms_components[mean + i]) + scale * sum;
  }
  return x;
}

// y = L^-1 (x - mean); returns |y|^2
fn ms_whiten(component: u32, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>) -> ms_Group {
  let mean = ms_mean_of(component);
  var at = component * 2u * ms_FACTOR + ms_FACTOR;
  var square = ms_all(0.0);
  for (var i = 0u; i < DIM; i++) {
    var sum = ms_all(0.0);
    for (var j = 0u; j <= i; j++) {
      sum += ms_factors[at + j] * ((*x)[j] - ms_all(ms_components[mean + j]));
    }
    at += i + 1u;
    (*y)[i] = sum;
    square += ms_times(sum, sum);
  }
  return square;
}

// |L^-1 (x - mean)|^2
fn ms_square(component: u32, x: ptr<function, ms_Points>) -> ms_Group {
  var y: ms_Points;
  return ms_whiten(component, x, &y);
}

// into <- keep into + weight L^-T y
fn ms_add_precision_times(component: u32, y: ptr<function, ms_Points>, weight: ms_Group, keep: ms_Group, into: ptr<function, ms_Points>) {
  for (var i = 0u; i < DIM; i++) {
    (*into)[i] = ms_times(keep, (*into)[i]);
  }
  var at = component * 2u * ms_FACTOR + ms_FACTOR;
  for (var i = 0u; i < DIM; i++) {
    let scaled = ms_times(weight, (*y)[i]);
    for (var j = 0u; j <= i; j++) {
      (*into)[j] += ms_factors[at + j] * scaled;
    }
    at += i + 1u;
  }
}

// gradient <- L^T gradient, in place: entry j reads only entries i >= j
fn ms_whiten_gradient(component: u32, gradient: ptr<function, ms_Points>) {
  let base = component * 2u * ms_FACTOR;
  for (var j = 0u; j < DIM; j++) {
    var sum = ms_all(0.0);
    for (var i = j; i < DIM; i++) {
      sum += ms_factors[base + i * (i + 1u) / 2u + j] * (*gradient)[i];
    }
    (*gradient)[j] = sum;
  }
}
