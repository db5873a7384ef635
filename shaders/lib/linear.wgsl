// The number of an invocation on a grid of any shape, one number of work each.
fn ms_linear(workgroup: vec3u, grid: vec3u, lane: u32) -> u32 {
  return (workgroup.y * grid.x + workgroup.x) * ms_LANES + lane;
}
