// What draws every particle (ms_innovations): its whitened residuals, perturbed by noise or continued by those of the prior. One
// invocation four numbers of a particle.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let blocks = (ms_ROWS + 3u) / 4u;
  let particle = at / blocks;
  let block = at % blocks;
  if (ms_stopped() || particle >= ms_params.samples) {
    return;
  }
  let noise = ms_innovation_noise(particle, block);
  for (var row = 4u * block; row < min(4u * block + 4u, ms_ROWS); row++) {
    ms_put_innovation(particle, row, noise[row % 4u]);
  }
}
