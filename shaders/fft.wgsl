// Discrete Fourier transforms along the middle axis of an array [outer][DIM][inner] of complex numbers, in place. One invocation a
// line, neighbouring lanes on neighbouring lines. ms_lines = (outer * inner, inner, width of the dispatch grid, -).

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = (workgroup.y * ms_lines.z + workgroup.x) * ms_LANES + lane;
  if (number >= ms_lines.x) {
    return;
  }
  let inner = ms_lines.y;
  let first = number / inner * DIM * inner + number % inner;
  var line: ms_Line;
  ms_read_line(&line, first, inner);
  ms_transform(&line);
  ms_write_line(&line, first, inner);
}
