// A row of P^(-1/2) u and of P^(-1/2) times its deviation; ms_prior is P^(-1/2), a packed lower triangle.
fn ms_whitened_by_prior(first: u32, row: u32) -> vec2f {
  var sum = vec2f(0.0);
  for (var j = 0u; j <= row; j++) {
    sum += ms_prior[row * (row + 1u) / 2u + j] * vec2f(ms_particles[first + j], ms_deviations[first + j]);
  }
  return sum;
}
