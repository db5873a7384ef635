// One step of a full covariance. With M the whitened change of precision, M = U U^T (U upper): L <- L U^-T stays lower triangular
// and Sigma is never formed. U is found as the Cholesky factor of M with rows and columns reversed.
// ms_IBLR: M = I - rho G + rho^2/2 G^2, positive definite for every rho (Lin, Schmidt, Khan 2020); else M = I - rho G.

fn ms_moment_matrix(k: u32, a: u32, b: u32) -> f32 {
  return ms_moments[k * ms_MOMENT + DIM + ms_pair_index(a, b)];
}

// Entry (a, b), a <= b, of U.
fn ms_upper(a: u32, b: u32) -> f32 {
  let row = DIM - 1u - a;
  return ms_work_get(row * (row + 1u) / 2u + DIM - 1u - b);
}

// Returns (log normaliser, tr Sigma, failed, 0). Called by all lanes with the same `go`.
fn ms_take_step(k: u32, lane: u32, go: bool, mean_rate: f32, rate: f32) -> vec4f {
  ms_work_open(k);
  for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
    let pair = ms_pair(p);
    let a = DIM - 1u - pair.x;
    let b = DIM - 1u - pair.y;
    var entry = select(0.0, 1.0, a == b) - rate * ms_moment_matrix(k, a, b);
    if (ms_IBLR && go) {
      var product = 0.0;
      for (var m = 0u; m < DIM; m++) {
        product += ms_moment_matrix(k, a, m) * ms_moment_matrix(k, m, b);
      }
      entry += 0.5 * rate * rate * product;
    }
    ms_work_set(p, select(select(0.0, 1.0, a == b), entry, go));
  }
  ms_work_barrier();
  let failure = ms_cholesky(lane);
  if (failure != 0u || !ms_agreed(lane, go)) {
    return vec4f(0.0, 0.0, 1.0, 0.0);
  }

  // y = U^-1 g, or g itself where the mean moves by the old covariance.
  for (var i = lane; i < DIM; i += ms_LANES) {
    ms_vector[i] = ms_moments[k * ms_MOMENT + i];
  }
  ms_work_barrier();
  for (var step = 0u; step < DIM; step++) {
    let j = DIM - 1u - step;
    let solved = ms_vector[j] / ms_upper(j, j);
    workgroupBarrier();
    if (ms_MEAN_BY_NEW) {
      for (var i = lane; i < j; i += ms_LANES) {
        ms_vector[i] -= ms_upper(i, j) * solved;
      }
      if (lane == 0u) {
        ms_vector[j] = solved;
      }
    }
    workgroupBarrier();
  }

  let base = k * 2u * ms_FACTOR;
  let mean = ms_mean_of(k);
  for (var r = lane; r < DIM; r += ms_LANES) {
    let row = base + r * (r + 1u) / 2u;
    var shift = 0.0;
    if (!ms_MEAN_BY_NEW) {
      for (var j = 0u; j <= r; j++) {
        shift += ms_factors[row + j] * ms_vector[j];
      }
    }
    // L <- L U^-T, row by row: X U^T = L.
    var square = 0.0;
    for (var step = 0u; step <= r; step++) {
      let j = r - step;
      var sum = ms_factors[row + j];
      for (var m = j + 1u; m <= r; m++) {
        sum -= ms_factors[row + m] * ms_upper(j, m);
      }
      let entry = sum / ms_upper(j, j);
      ms_factors[row + j] = entry;
      square += entry * entry;
    }
    let scale = ms_deviation_scale(square);
    for (var j = 0u; j <= r; j++) {
      ms_factors[row + j] *= scale;
      if (ms_MEAN_BY_NEW) {
        shift += ms_factors[row + j] * ms_vector[j];
      }
    }
    ms_components[mean + r] = ms_held_mean(ms_components[mean + r] + mean_rate * shift);
  }
  storageBarrier();
  workgroupBarrier();
  return vec4f(ms_invert_factor(k, lane), 0.0, 0.0);
}
