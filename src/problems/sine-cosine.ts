/**
 * WGSL for sine and cosine to float32 accuracy. The language promises the built-in ones only 2^-11 in absolute terms on
 * [-pi, pi] (and nothing outside), and real drivers use that freedom; a sharp peak would then be a rough one.
 */
export const sineCosineWgsl = /* wgsl */ `
// (sin r, cos r) for |r| <= pi/4 by their Taylor series, then turned by \`quadrant\` quarter turns.
fn sine_cosine_in_quadrant(r: f32, quadrant: i32) -> vec2<f32> {
  let q = r * r;
  let sine = r + r * q * (-0.16666667 + q * (0.0083333333 + q * (-0.00019841270 + q * 0.0000027557319)));
  let cosine = 1.0 - 0.5 * q + q * q * (0.041666667 + q * (-0.0013888889 + q * (0.000024801587 - q * 0.00000027557319)));
  let turned = select(vec2<f32>(sine, cosine), vec2<f32>(cosine, -sine), (quadrant & 1) == 1);
  return select(turned, -turned, (quadrant & 2) == 2);
}

// (sin, cos) of an angle in radians, for |angle| up to a few thousand. pi/2 is taken off in two parts: the first has so few
// bits that its multiples are exact.
fn sine_cosine(angle: f32) -> vec2<f32> {
  let quarters = round(angle * 0.63661977);
  let r = (angle - quarters * 1.5703125) - quarters * 0.00048382680;
  return sine_cosine_in_quadrant(r, i32(quarters));
}

// (sin, cos) of an angle in whole turns: sin(2 pi t), cos(2 pi t).
fn sine_cosine_of_turns(turns: f32) -> vec2<f32> {
  let quarters = round(turns * 4.0);
  let r = (turns - quarters * 0.25) * 6.2831853;
  return sine_cosine_in_quadrant(r, i32(quarters));
}
`;
