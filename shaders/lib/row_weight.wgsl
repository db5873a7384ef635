// What rows of the shared batch count for component k: nothing below 1e-12, where all the rows there are could not make up for one
// that counts, so that most rows cost a component no more than their density. ms_OWN_ROWS: a component takes the rows it drew itself and no others.
fn ms_row_weights(k: u32, log_own: ms_Group, log_proposal: ms_Group, origin: ms_Group) -> ms_Group {
  let record = k * ms_RECORD;
  if (ms_OWN_ROWS) {
    let apart = origin - ms_all(ms_components[record + ms_ID]);
    return ms_where(ms_above(ms_times(apart, apart), 0.0), ms_all(0.0), ms_all(1.0));
  }
  let log_share = max(ms_components[record + ms_LOG_SHARE], ms_LEAST_LOG_SHARE);
  let exponent = log_own - log_proposal + ms_all(log_share);
  let held = ms_where(ms_above(exponent, 40.0), ms_all(40.0), exponent);
  return ms_where(ms_above(exponent, -27.6), ms_exp_of_group(held), ms_all(0.0));
}
