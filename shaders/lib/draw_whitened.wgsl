// The normals of a component's own sample as the whiten kernel left them.
fn ms_draw_normals(sample: u32, component: u32) -> Point {
  let index = (component - ms_chunk.first_component) * ms_chunk.sample_count + sample - ms_chunk.first_sample;
  var eps: Point;
  for (var i = 0u; i < DIM; i++) {
    eps[i] = ms_eps[i * ms_chunk.stride + index];
  }
  return eps;
}
