// Members are the particles, in search coordinates.
fn ms_member_coordinate(member: u32, axis: u32) -> f32 {
  return ms_unconstrained(axis, ms_particles[member * DIM + axis]);
}

fn ms_member_count() -> u32 {
  return ms_params.samples;
}
