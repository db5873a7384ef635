fn ms_reweigh_slopes(place: ms_GroupPlace) {
  var slopes = ms_read_slopes(place);
  ms_whiten_gradient(place.component, &slopes);
  for (var i = 0u; i < DIM; i++) {
    let row = slopes[i];
    for (var s = 0u; s < place.count; s++) {
      ms_slopes[i * ms_chunk.stride + place.index + s * place.step] = ms_number(row, s);
    }
  }
}
