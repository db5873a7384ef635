// Where a row of the batch lies in the ring: it begins within the ring and is no longer than it, so that one turn is enough. Reused rows come first.
fn ms_ring(row: u32) -> u32 {
  let at = ms_control.first_row + row;
  return select(at, at - ms_params.row_capacity, at >= ms_params.row_capacity);
}
