fn ms_raw_gradient(u: ptr<function, Point>, index: u32, gradient: ptr<function, Point>) -> f32 {
  for (var i = 0u; i < DIM; i++) {
    (*gradient)[i] = ms_loaded_gradients[index * DIM + i];
  }
  return ms_loaded_values[index];
}
