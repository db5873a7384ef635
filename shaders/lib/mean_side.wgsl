// Whether the mean moves by the new covariance; while the initialiser anneals it always does (GMBBVI's reference code).
fn ms_mean_by_new() -> bool {
  return ms_MEAN_BY_NEW || ms_control.iteration < ms_params.anneal;
}
