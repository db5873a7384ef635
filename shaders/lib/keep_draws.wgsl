// The whitened draws of a group, where moments or views find them. Sample by sample: a loop a coordinate takes drivers longer to compile.
fn ms_keep_draws(place: ms_GroupPlace, y: ptr<function, ms_Points>) {
  for (var s = 0u; s < place.count; s++) {
    let at = place.index + s * place.step;
    for (var i = 0u; i < DIM; i++) {
      ms_eps[i * ms_chunk.stride + at] = ms_number((*y)[i], s);
    }
  }
}
