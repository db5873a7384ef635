// l of a group of samples and where they are: their density comes from a kernel of its own (density_tiles.wgsl), which is left the squared
// length of the whitened draw.
fn ms_sample_group(place: ms_GroupPlace, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>, square: ms_Group) {
  for (var s = 0u; s < place.count; s++) {
    var point = ms_point(x, s);
    let index = place.index + s * place.step;
    for (var i = 0u; i < DIM; i++) {
      ms_points[i * ms_chunk.stride + index] = point[i];
    }
    let l = ms_evaluate(&point, index);
    ms_values[place.component * ms_params.samples + place.sample + s * place.step] = vec4f(l, ms_number(square, s), 0.0, 0.0);
  }
}
