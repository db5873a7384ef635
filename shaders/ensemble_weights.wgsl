// Solves (Q Q^T) w = right-hand side for every particle, in place: the weight of each member's deviation in its move. A failed particle is
// drawn anew, mean + sum xi_k deviation_k / sqrt J, from the Gaussian of the successful ones. One invocation a particle.

// In src/mixture/random.ts.
const ms_PURPOSE_RESTART: u32 = 4u;

fn ms_particle_normals(purpose: u32, particle: u32, block: u32) -> vec4f {
  return ms_normals(ms_random(block, purpose, particle, ms_SHARED, ms_control.round, ms_params.seed));
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let j = ms_linear(workgroup, grid, lane);
  let members = ms_params.samples;
  if (ms_stopped() || j >= members) {
    return;
  }
  if (ms_misfits[j] == ms_NO_VALUE) {
    let scale = inverseSqrt(max(ms_ensemble[ms_ENSEMBLE_SUCCESSFUL], 1.0));
    for (var block = 0u; 4u * block < members; block++) {
      let xi = ms_particle_normals(ms_PURPOSE_RESTART, j, block);
      for (var k = 4u * block; k < min(4u * block + 4u, members); k++) {
        ms_weights[k * members + j] = scale * xi[k % 4u];
      }
    }
    return;
  }
  ms_put_right_side(j, members);
  for (var k = 0u; k < members; k++) {
    let row = k * (k + 1u) / 2u;
    var sum = ms_weights[k * members + j];
    for (var i = 0u; i < k; i++) {
      sum -= ms_gram[row + i] * ms_weights[i * members + j];
    }
    ms_weights[k * members + j] = sum / ms_gram[row + k];
  }
  for (var left = members; left > 0u; left--) {
    let k = left - 1u;
    var sum = ms_weights[k * members + j];
    for (var i = k + 1u; i < members; i++) {
      sum -= ms_gram[i * (i + 1u) / 2u + k] * ms_weights[i * members + j];
    }
    ms_weights[k * members + j] = sum / ms_gram[k * (k + 1u) / 2u + k];
  }
}
