// Where a row of the batch lies in the ring. Reused rows come first.
fn ms_ring(row: u32) -> u32 {
  return (ms_control.first_row + row) % ms_params.row_capacity;
}
