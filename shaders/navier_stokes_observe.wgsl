// 1/2 [w(x, y) - w(2 pi - x, y)] at one x and all observed y, summed from the spectrum: the odd part in x of a real field is
//   sum over ky >= 0 of (2 or, at ky = 0, 1) Re( exp(i ky y) sum over kx of i sin(kx x) w(kx, ky) ).
// One invocation a member and observed x.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let member = workgroup.y * ms_LANES + lane;
  if (member >= ms_chunk.members) {
    return;
  }
  let place = workgroup.x + 1u;
  var observed: array<f32, ms_OBSERVED_ROWS>;
  for (var column = 0u; column <= ms_chunk.kept; column++) {
    var sum = vec2f(0.0);
    for (var wave = 0u; wave <= 2u * ms_chunk.kept; wave++) {
      // kx + a multiple of the fraction, so that it is not negative
      let kx = wave + ms_COLUMN_FRACTION * ms_WIDTH - ms_KEPT;
      let sine = ms_turns[kx * place % ms_COLUMN_FRACTION].y;
      sum += sine * ms_state[ms_mode_place(workgroup.y, column, wave, lane)].yx;
    }
    sum.x = -sum.x;
    if (column != 0u) {
      sum *= 2.0;
    }
    for (var row = 0u; row < ms_OBSERVED_ROWS; row++) {
      let turn = ms_turns[column * row * (ms_COLUMN_FRACTION / ms_OBSERVED_ROWS) % ms_COLUMN_FRACTION];
      observed[row] += turn.x * sum.x - turn.y * sum.y;
    }
  }
  let first = ((ms_chunk.first + member) * ms_OBSERVED_TIMES + ms_time) * ms_OBSERVED_COLUMNS + workgroup.x;
  for (var row = 0u; row < ms_OBSERVED_ROWS; row++) {
    ms_predictions[first * ms_OBSERVED_ROWS + row] = observed[row];
  }
}
