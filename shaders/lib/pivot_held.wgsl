// Steps of inversion: M = I - h G is no less than (1 - h) I, whatever the data (kalman.md 3.1.3, 3.2).
fn ms_least_pivot() -> f32 {
  return 1.0 - ms_params.rate;
}
