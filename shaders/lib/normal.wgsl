// Standard normals by Box-Muller with an own sine and cosine: WGSL's may be off by 2^-11 on a conforming device.

// In (0, 1), never an end point: 23 bits and a half. Without its nine lowest bits a word is a float, of the sign that it has as a signed
// number: no shift is needed (see philox.wgsl).
fn ms_uniform(bits: u32) -> f32 {
  return f32(bitcast<i32>((bits & 0xfffffe00u) ^ 0x80000000u)) * 2.3283064365386963e-10 + 0.500000059604644775390625;
}

// (cos, sin) of 2 pi turn for turn in [0, 1]: of half a turn either side of its middle, folded to a quarter either side of 0. Polynomials
// of least error there (4.6e-9 and 2.5e-10).
fn ms_cos_sin_turn(turn: f32) -> vec2f {
  let apart = turn - 0.5;
  let angle = (0.25 - abs(apart)) * 6.283185307179586;
  let a2 = angle * angle;
  let s = angle + angle * (a2 * (-0.16666657096482115 + a2 * (8.333017291012457e-3 + a2 * (-1.9806615161591839e-4 + a2 * 2.600054679636858e-6))));
  let c = 1.0 + a2 * (-0.4999999954955663 + a2 * (4.166664072802497e-2 + a2 * (-1.3888403507674035e-3 + a2 * (2.4761886216806417e-5 + a2 * -2.6077104745697577e-7))));
  return vec2f(-s, select(c, -c, apart > 0.0));
}

fn ms_normal_pair(bits: vec2u) -> vec2f {
  // log of a number just below 1 may come out a hair above 0 (its accuracy is absolute there).
  let radius = sqrt(abs(-2.0 * log(ms_uniform(bits.x))));
  return radius * ms_cos_sin_turn(ms_uniform(bits.y));
}

fn ms_normals(bits: vec4u) -> vec4f {
  return vec4f(ms_normal_pair(bits.xy), ms_normal_pair(bits.zw));
}
