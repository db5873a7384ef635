// Row and column of an entry of a packed lower triangle.
fn ms_lower_entry(at: u32) -> vec2u {
  var row = u32(floor((sqrt(8.0 * f32(at) + 1.0) - 1.0) * 0.5));
  if (row * (row + 1u) / 2u > at) {
    row -= 1u;
  } else if ((row + 1u) * (row + 2u) / 2u <= at) {
    row += 1u;
  }
  return vec2u(row, at - row * (row + 1u) / 2u);
}
