// Standard normals by Box-Muller with an own sine and cosine: WGSL's may be off by 2^-11 on a conforming device.

// In (0, 1), never an end point: 23 bits and a half.
fn ms_uniform(bits: u32) -> f32 {
  return (f32(bits >> 9u) + 0.5) * 1.1920928955078125e-7;
}

// (cos, sin) of 2 pi turn for turn in [0, 1]: reduced to an eighth of a turn either side of a quarter, Taylor to x^8 and x^9
// (truncation below 2.5e-8 at pi/4).
fn ms_cos_sin_turn(turn: f32) -> vec2f {
  let quarter = floor(turn * 4.0 + 0.5);
  let angle = (turn * 4.0 - quarter) * 1.5707963267948966;
  let a2 = angle * angle;
  let s = angle * (1.0 + a2 * (-1.6666667e-1 + a2 * (8.3333333e-3 + a2 * (-1.9841270e-4 + a2 * 2.7557319e-6))));
  let c = 1.0 + a2 * (-0.5 + a2 * (4.1666667e-2 + a2 * (-1.3888889e-3 + a2 * 2.4801587e-5)));
  let number = u32(quarter);
  let swapped = (number & 1u) == 1u;
  let cosine = select(c, s, swapped);
  let sine = select(s, c, swapped);
  return vec2f(select(cosine, -cosine, ((number + 1u) & 2u) == 2u), select(sine, -sine, (number & 2u) == 2u));
}

fn ms_normal_pair(bits: vec2u) -> vec2f {
  // log of a number just below 1 may come out a hair above 0 (its accuracy is absolute there).
  let radius = sqrt(max(-2.0 * log(ms_uniform(bits.x)), 0.0));
  return radius * ms_cos_sin_turn(ms_uniform(bits.y));
}

fn ms_normals(bits: vec4u) -> vec4f {
  return vec4f(ms_normal_pair(bits.xy), ms_normal_pair(bits.zw));
}
