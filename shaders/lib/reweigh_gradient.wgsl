fn ms_reweigh_slopes(k: u32, index: u32, batch_index: u32) {
  var slope: Point;
  for (var i = 0u; i < DIM; i++) {
    slope[i] = ms_row_slopes[i * ms_chunk.batch_stride + batch_index];
  }
  ms_whiten_gradient(k, &slope);
  for (var i = 0u; i < DIM; i++) {
    ms_slopes[i * ms_chunk.stride + index] = slope[i];
  }
}
