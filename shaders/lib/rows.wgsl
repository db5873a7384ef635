// The rows of a shared batch that an invocation takes.

// Where a row of the group lies in the batch's buffers.
fn ms_position(place: ms_GroupPlace, s: u32) -> u32 {
  return ms_ring(place.sample + ms_offset(place, s)) - ms_chunk.first_sample;
}

fn ms_read_points(place: ms_GroupPlace) -> array<Point, ms_GROUP> {
  var points: array<Point, ms_GROUP>;
  for (var s = 0u; s < ms_GROUP; s++) {
    let position = ms_position(place, s);
    for (var i = 0u; i < DIM; i++) {
      points[s][i] = ms_points[i * ms_chunk.batch_stride + position];
    }
  }
  return points;
}
