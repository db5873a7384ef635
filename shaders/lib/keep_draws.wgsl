// The whitened draws of a group, where moments or views find them.
fn ms_keep_draws(place: ms_GroupPlace, y: ptr<function, ms_Points>) {
  var draws: array<Point, ms_GROUP>;
  ms_spread(y, &draws);
  for (var s = 0u; s < place.count; s++) {
    for (var i = 0u; i < DIM; i++) {
      ms_eps[i * ms_chunk.stride + place.index + s * place.step] = draws[s][i];
    }
  }
}
