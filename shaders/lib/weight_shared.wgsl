// A shared batch: one value a sample, one importance weight a (component, sample) pair.
fn ms_value_index(component: u32, sample: u32) -> u32 {
  return ms_ring(sample);
}

fn ms_importance(component: u32, sample: u32) -> f32 {
  return ms_weights[ms_weight_index(component, sample)];
}
