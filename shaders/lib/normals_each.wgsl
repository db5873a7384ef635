// Random words and normals of four samples at a time, in the lanes of vectors: the counters and the arithmetic of philox.wgsl and
// normal.wgsl.

fn ms_upper_half_each(words: vec4u) -> vec4f {
  return vec4f(bitcast<vec4i>((words & vec4u(0xffff0000u)) ^ vec4u(0x80000000u)));
}

fn ms_words_of(numbers: vec4f) -> vec4u {
  return bitcast<vec4u>(numbers + 8388608.0) & vec4u(0x7fffffu);
}

// The high words of the products of b with a, given the low ones.
fn ms_multiply_high_each(a: u32, b: vec4u, low: vec4u) -> vec4u {
  let a0 = f32(a & 0xffffu);
  let lower = vec4f(bitcast<vec4i>(b & vec4u(0xffffu)));
  let upper = ms_upper_half_each(b);
  let sum = lower * (f32(a) * 2.3283064365386963e-10) + upper * (a0 * 2.3283064365386963e-10) - 2.3283064365386963e-10 * ms_upper_half_each(low);
  return (a >> 16u) * ms_words_of(upper * 1.52587890625e-5 + 32768.0) + ms_words_of(floor(sum + 0.5 * a0));
}

// Word w of the random words of four samples. The counters differ in their second word only, so that half of the products of the first
// three rounds are the same for all.
fn ms_random_each(block: u32, samples: vec4u, component: u32) -> array<vec4u, 4> {
  let step = vec2u(0x9E3779B9u, 0xBB67AE85u);
  var k = ms_params.seed;
  let x = block | (ms_PURPOSE_DRAW << 16u);
  // Rounds 1 to 3, by the name of the word and the round it comes out of.
  let z1 = ms_multiply_high(0xD2511F53u, x) ^ ms_control.round ^ k.y;
  let w1 = 0xD2511F53u * x;
  let y1 = 0xCD9E8D57u * component;
  let x1 = vec4u(ms_multiply_high(0xCD9E8D57u, component) ^ k.x) ^ samples;
  k += step;
  let x2 = ms_multiply_high(0xCD9E8D57u, z1) ^ y1 ^ k.x;
  let y2 = 0xCD9E8D57u * z1;
  let w2 = 0xD2511F53u * x1;
  let z2 = ms_multiply_high_each(0xD2511F53u, x1, w2) ^ vec4u(w1 ^ k.y);
  k += step;
  var c1 = 0xCD9E8D57u * z2;
  var c0 = ms_multiply_high_each(0xCD9E8D57u, z2, c1) ^ vec4u(y2 ^ k.x);
  var c2 = vec4u(ms_multiply_high(0xD2511F53u, x2) ^ k.y) ^ w2;
  var c3 = vec4u(0xD2511F53u * x2);
  for (var round = 3u; round < 10u; round++) {
    k += step;
    let low0 = 0xD2511F53u * c0;
    let low1 = 0xCD9E8D57u * c2;
    let high0 = ms_multiply_high_each(0xD2511F53u, c0, low0);
    let high1 = ms_multiply_high_each(0xCD9E8D57u, c2, low1);
    c0 = high1 ^ c1 ^ vec4u(k.x);
    c1 = low1;
    c2 = high0 ^ c3 ^ vec4u(k.y);
    c3 = low0;
  }
  return array<vec4u, 4>(c0, c1, c2, c3);
}

// ms_uniform for four words.
fn ms_uniform_each(words: vec4u) -> vec4f {
  let signed = vec4f(bitcast<vec4i>((words & vec4u(0xfffffe00u)) ^ vec4u(0x80000000u)));
  return signed * 2.3283064365386963e-10 + 0.500000059604644775390625;
}

// A pair of normals for each of four samples.
fn ms_normals_each(radius_bits: vec4u, turn_bits: vec4u) -> array<vec4f, 2> {
  let radius = sqrt(abs(-2.0 * log(ms_uniform_each(radius_bits))));
  let apart = ms_uniform_each(turn_bits) - 0.5;
  let angle = (0.25 - abs(apart)) * 6.283185307179586;
  let a2 = angle * angle;
  let s = angle + angle * (a2 * (-0.16666657096482115 + a2 * (8.333017291012457e-3 + a2 * (-1.9806615161591839e-4 + a2 * 2.600054679636858e-6))));
  let c = 1.0 + a2 * (-0.4999999954955663 + a2 * (4.166664072802497e-2 + a2 * (-1.3888403507674035e-3 + a2 * (2.4761886216806417e-5 + a2 * -2.6077104745697577e-7))));
  return array<vec4f, 2>(-radius * s, radius * select(c, -c, apart > vec4f(0.0)));
}

// Four samples of a group, from its s-th on.
fn ms_four_samples(place: ms_GroupPlace, s: u32) -> vec4u {
  return place.sample + vec4u(ms_offset(place, s), ms_offset(place, s + 1u), ms_offset(place, s + 2u), ms_offset(place, s + 3u));
}
