// What a row of the shared batch counts for component k: nothing below 1e-12, where all the rows there are could not make up for one
// that counts, so that most rows cost a component no more than their density. ms_OWN_ROWS: a component takes the rows it drew itself and no others.
fn ms_row_weight(k: u32, log_own: f32, log_proposal: f32, origin: f32) -> f32 {
  let record = k * ms_RECORD;
  if (ms_OWN_ROWS) {
    return select(0.0, 1.0, origin == ms_components[record + ms_ID]);
  }
  let log_share = max(ms_components[record + ms_LOG_SHARE], ms_LEAST_LOG_SHARE);
  let exponent = log_share + log_own - log_proposal;
  return select(exp(min(exponent, 40.0)), 0.0, exponent < -27.6);
}
