// Entry i of mean + L eps for a sample of the chunk
fn ms_place_row(component: u32, sample: u32, index: u32, i: u32) -> f32 {
  let deviation = ms_factors[component * 2u * ms_FACTOR + i];
  return ms_components[ms_mean_of(component) + i] + deviation * ms_eps[i * ms_chunk.stride + index];
}
