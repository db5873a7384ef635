// Kernel A for a shared batch: draw + evaluate its fresh rows, a group of one component's an invocation. Every component will use every
// row, by importance weights. Writes l and the row's origin, the points, and the gradient of l in search coordinates, into the ring of rows.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let place = ms_fresh_among(workgroup, lane);
  if (place.count == 0u) {
    return;
  }
  let origin = ms_choose(place.sample);
  var eps: ms_Points;
  ms_draw_group(place, &eps);
  var points = ms_place(origin, &eps, ms_params.draw_scale);
  let id = ms_components[origin * ms_RECORD + ms_ID];
  for (var s = 0u; s < place.count; s++) {
    let sample = place.sample + s * place.step;
    let row = ms_ring(ms_control.rows - ms_control.fresh + sample);
    let position = row - ms_chunk.first_sample;
    var x = ms_point(&points, s);
    let l = ms_fresh_value(&x, place.index + s * place.step, position);
    ms_values[row] = vec4f(l, 0.0, 0.0, id);
    for (var i = 0u; i < DIM; i++) {
      ms_points[i * ms_chunk.batch_stride + position] = x[i];
    }
  }
}

// A group's fresh rows are ms_APART apart, wherever the chunk begins: its count is 0 past the end, and where none is in the chunk.
fn ms_fresh_among(workgroup: vec3u, lane: u32) -> ms_GroupPlace {
  let linear = (workgroup.y * ms_chunk.sample_grid + workgroup.x) * ms_LANES + lane;
  let begin = ms_chunk.first_sample;
  let end = min(begin + ms_chunk.sample_count, ms_control.fresh);
  let block = ms_GROUP * ms_APART;
  var first = (begin / block + linear / ms_APART) * block + linear % ms_APART;
  let past = first + block;
  first += (begin - min(begin, first) + ms_APART - 1u) / ms_APART * ms_APART;
  let last = min(past, end);
  let count = (last - min(last, first) + ms_APART - 1u) / ms_APART;
  return ms_GroupPlace(ms_SHARED, first, first - begin, ms_APART, count);
}
