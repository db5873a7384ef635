// Random words and normals of four samples at a time, in the lanes of vectors: the counters and the arithmetic of philox.wgsl and
// normal.wgsl.

fn ms_multiply_high_each(a: u32, b: vec4u) -> vec4u {
  let a0 = vec4u(a & 0xffffu);
  let a1 = vec4u(a >> 16u);
  let b0 = b & vec4u(0xffffu);
  let b1 = b >> vec4u(16u);
  let low = a0 * b0;
  let crossed = a1 * b0 + (low >> vec4u(16u));
  let carry = (crossed & vec4u(0xffffu)) + a0 * b1;
  return a1 * b1 + (crossed >> vec4u(16u)) + (carry >> vec4u(16u));
}

// Word w of the random words of four samples.
fn ms_random_each(block: u32, samples: vec4u, component: u32) -> array<vec4u, 4> {
  var c0 = vec4u(block | (ms_PURPOSE_DRAW << 16u));
  var c1 = samples;
  var c2 = vec4u(component);
  var c3 = vec4u(ms_control.round);
  var k = ms_params.seed;
  for (var round = 0u; round < 10u; round++) {
    let high0 = ms_multiply_high_each(0xD2511F53u, c0);
    let high1 = ms_multiply_high_each(0xCD9E8D57u, c2);
    let low0 = 0xD2511F53u * c0;
    let low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ vec4u(k.x);
    c1 = low1;
    c2 = high0 ^ c3 ^ vec4u(k.y);
    c3 = low0;
    k += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return array<vec4u, 4>(c0, c1, c2, c3);
}

// A pair of normals for each of four samples.
fn ms_normals_each(radius_bits: vec4u, turn_bits: vec4u) -> array<vec4f, 2> {
  let uniform_radius = (vec4f(radius_bits >> vec4u(9u)) + 0.5) * 1.1920928955078125e-7;
  let turn = (vec4f(turn_bits >> vec4u(9u)) + 0.5) * 1.1920928955078125e-7;
  let radius = sqrt(max(-2.0 * log(uniform_radius), vec4f(0.0)));
  let quarter = floor(turn * 4.0 + 0.5);
  let angle = (turn * 4.0 - quarter) * 1.5707963267948966;
  let a2 = angle * angle;
  let s = angle * (1.0 + a2 * (-1.6666667e-1 + a2 * (8.3333333e-3 + a2 * (-1.9841270e-4 + a2 * 2.7557319e-6))));
  let c = 1.0 + a2 * (-0.5 + a2 * (4.1666667e-2 + a2 * (-1.3888889e-3 + a2 * 2.4801587e-5)));
  let number = vec4u(quarter);
  let swapped = (number & vec4u(1u)) == vec4u(1u);
  let cosine = select(c, s, swapped);
  let sine = select(s, c, swapped);
  let cosine_falls = ((number + vec4u(1u)) & vec4u(2u)) == vec4u(2u);
  let sine_falls = (number & vec4u(2u)) == vec4u(2u);
  return array<vec4f, 2>(radius * select(cosine, -cosine, cosine_falls), radius * select(sine, -sine, sine_falls));
}

// Four samples of a group, from its s-th on.
fn ms_four_samples(place: ms_GroupPlace, s: u32) -> vec4u {
  return place.sample + vec4u(ms_offset(place, s), ms_offset(place, s + 1u), ms_offset(place, s + 2u), ms_offset(place, s + 3u));
}
