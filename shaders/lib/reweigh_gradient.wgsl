fn ms_reweigh_slopes(place: ms_GroupPlace) {
  var each: array<Point, ms_GROUP>;
  for (var s = 0u; s < ms_GROUP; s++) {
    let position = ms_position(place, s);
    for (var i = 0u; i < DIM; i++) {
      each[s][i] = ms_row_slopes[i * ms_chunk.batch_stride + position];
    }
  }
  var slopes: ms_Points;
  ms_collect(&each, &slopes);
  ms_whiten_gradient(place.component, &slopes);
  ms_spread(&slopes, &each);
  for (var s = 0u; s < place.count; s++) {
    for (var i = 0u; i < DIM; i++) {
      ms_slopes[i * ms_chunk.stride + place.index + s * place.step] = each[s][i];
    }
  }
}
