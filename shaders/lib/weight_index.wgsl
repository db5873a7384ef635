// Where a row's weight for a component lies: of all components, rows in the order of the batch.
fn ms_weight_index(component: u32, sample: u32) -> u32 {
  return component * ms_chunk.batch_stride + sample - ms_chunk.first_sample;
}
