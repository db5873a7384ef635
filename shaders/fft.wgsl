// Discrete Fourier transforms along the middle axis of an array [outer][DIM][inner] of complex numbers, in place. One invocation a
// line, neighbouring lanes on neighbouring lines. ms_lines = (outer * inner, inner, width of the dispatch grid, DIM): software drivers
// unroll a loop over a buffer whose bound they know, and then compile for many seconds.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = (workgroup.y * ms_lines.z + workgroup.x) * ms_LANES + lane;
  if (number >= ms_lines.x) {
    return;
  }
  let inner = ms_lines.y;
  let first = number / inner * DIM * inner + number % inner;
  var line: ms_Line;
  for (var j = 0u; j < ms_lines.w; j++) {
    line[j] = ms_directed(ms_field[first + j * inner]);
  }
  ms_transform(&line);
  for (var j = 0u; j < ms_lines.w; j++) {
    ms_field[first + j * inner] = ms_directed(line[j]);
  }
}

// exp(-i a) z = swap(exp(i a) swap(z)), where swap exchanges real and imaginary part.
fn ms_directed(z: vec2f) -> vec2f {
  return select(z, z.yx, ms_BACKWARD);
}
