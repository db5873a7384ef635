// One step of affine-invariant Langevin dynamics for u_j (Garbuno-Inigo, Nuesken, Reich 2020),
//   du = C grad log p dt + (d + 1)/J (u - mean) dt + sqrt(2) C^(1/2) dW,   C^(1/2) W = sum_k W_k (u_k - mean) / sqrt J,
// by the trapezoidal rule of its statistical linearisation: u += (I + h C H / 2)^-1 (all of the above at u). Explicit steps of the size
// that |D| allows widen a Gaussian posterior's covariance by a factor 2 / (2 - h), implicit ones narrow it by as much; of this one the
// covariance is right at any h, up to h/J. In weights of deviations: (gram + ridge) w = 2 (drift products + (d + 1) e_j + sqrt(ridge) xi).
fn ms_put_right_side(particle: u32, members: u32) {
  let noise = sqrt(ms_ensemble[ms_ENSEMBLE_RIDGE]);
  for (var block = 0u; 4u * block < members; block++) {
    let xi = ms_particle_normals(ms_PURPOSE_DRAW, particle, block);
    for (var k = 4u * block; k < min(4u * block + 4u, members); k++) {
      let at = k * members + particle;
      let correction = select(0.0, f32(DIM) + 1.0, k == particle);
      ms_weights[at] = 2.0 * (ms_weights[at] + correction + noise * xi[k % 4u]);
    }
  }
}
