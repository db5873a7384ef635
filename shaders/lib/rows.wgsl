// The rows of a shared batch that an invocation takes.

// Where a row of the group lies in the batch's buffers.
fn ms_position(place: ms_GroupPlace, s: u32) -> u32 {
  return ms_ring(place.sample + ms_offset(place, s)) - ms_chunk.first_sample;
}
