// Own samples: each counts once, and the values lie component by component.
fn ms_value_index(component: u32, sample: u32) -> u32 {
  return component * ms_params.samples + sample;
}

fn ms_importance(component: u32, sample: u32) -> f32 {
  return 1.0;
}
