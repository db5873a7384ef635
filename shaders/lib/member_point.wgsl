// Members are given points, in unconstrained coordinates.
fn ms_member_coordinate(member: u32, axis: u32) -> f32 {
  return ms_points[member * DIM + axis];
}

fn ms_member_count() -> u32 {
  return ms_batch.count;
}
