// Entry i of mean + L eps for a sample of the chunk
fn ms_place_row(component: u32, sample: u32, index: u32, i: u32) -> f32 {
  let row = component * 2u * ms_FACTOR + i * (i + 1u) / 2u;
  var sum = 0.0;
  for (var j = 0u; j <= i; j++) {
    sum += ms_factors[row + j] * ms_eps[j * ms_chunk.stride + index];
  }
  return ms_components[ms_mean_of(component) + i] + sum;
}
