// The whitened draws of a group, where moments or views find them.
fn ms_keep_draws(place: ms_GroupPlace, y: ptr<function, ms_Points>) {
  for (var i = 0u; i < DIM; i++) {
    let row = (*y)[i];
    for (var s = 0u; s < place.count; s++) {
      ms_eps[i * ms_chunk.stride + place.index + s * place.step] = ms_number(row, s);
    }
  }
}
