fn objective(p: Point) -> f32 {
  let x = p[0];
  let y = p[1];
  return (4.0 - 2.1 * x * x + x * x * x * x / 3.0) * x * x + x * y + (-4.0 + 4.0 * y * y) * y * y;
}
