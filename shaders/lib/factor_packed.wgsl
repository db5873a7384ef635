// Full covariance as the pack kernel lays it out: L^-1 in blocks of 4 x 4, read as vectors, each serving a whole group of samples. The
// factor L of an invocation's own component comes from `ms_factors`, as in factor_full.wgsl.
// Of a component in `ms_packed`: its head, its mean by fours, then the blocks of the lower triangle by rows of blocks, rows padded with 0.
const ms_FACTOR: u32 = DIM * (DIM + 1u) / 2u;
const ms_BLOCK_ROWS: u32 = (DIM + 3u) / 4u;
const ms_PACKED: u32 = 1u + ms_BLOCK_ROWS + 2u * ms_BLOCK_ROWS * (ms_BLOCK_ROWS + 1u);

fn ms_mean_of(component: u32) -> u32 {
  return component * ms_RECORD + ms_MEAN;
}

// Log normaliser, log weight, log share.
fn ms_head(component: u32) -> vec4f {
  return ms_packed[component * ms_PACKED];
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
