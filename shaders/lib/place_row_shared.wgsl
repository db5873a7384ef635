// Entry i of a row of the shared batch
fn ms_place_row(component: u32, sample: u32, index: u32, i: u32) -> f32 {
  return ms_points[i * ms_chunk.batch_stride + ms_ring(sample) - ms_chunk.first_sample];
}
