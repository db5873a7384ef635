/** The cheap objective whose iteration is timed: a round bowl. At temperature 1 every component settles to unit covariance. */

export const bowl = {
  wgsl: /* wgsl */ `
fn objective(x: Point) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let t = x[i] - 0.5;
    sum += t * t;
  }
  return 0.5 * sum;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) {
    let t = x[i] - 0.5;
    (*gradient)[i] = t;
    sum += t * t;
  }
  return 0.5 * sum;
}
`,
  box: [-5, 5] as const,
  /** Every coordinate of its minimum. */
  centre: 0.5,
  temperature: 1,
};
