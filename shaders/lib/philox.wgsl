// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): counter-based, so any thread can
// compute any number of any stream.

// A word's upper half as a number, times 2^16, less 2^31: a float exactly.
fn ms_upper_half(word: u32) -> f32 {
  return f32(bitcast<i32>((word & 0xffff0000u) ^ 0x80000000u));
}

// The whole number below 2^23 that this is.
fn ms_word_of(number: f32) -> u32 {
  return bitcast<u32>(number + 8388608.0) & 0x7fffffu;
}

// The high word of a b; WGSL has no 32x32->64 multiply. Halves go through floats, since a software adapter shifts the lanes of a vector one
// by one (measured on SwiftShader: ten times as long). With b = b1 2^16 + b0, a = a1 2^16 + a0 the high word is a1 b1 + r,
// r = (a b0 + a0 b1 2^16 - (low word without its lower half)) / 2^32, below 2^17. The halves are exact and the sum is off by less
// than 2^-6, so that the whole number nearest to it is r itself.
fn ms_multiply_high(a: u32, b: u32) -> u32 {
  let a0 = f32(a & 0xffffu);
  let lower = f32(bitcast<i32>(b & 0xffffu));
  let upper = ms_upper_half(b);
  let sum = lower * (f32(a) * 2.3283064365386963e-10) + upper * (a0 * 2.3283064365386963e-10) - 2.3283064365386963e-10 * ms_upper_half(a * b);
  return (a >> 16u) * ms_word_of(upper * 1.52587890625e-5 + 32768.0) + ms_word_of(floor(sum + 0.5 * a0));
}

fn ms_philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = ms_multiply_high(0xD2511F53u, c.x);
    let high1 = ms_multiply_high(0xCD9E8D57u, c.z);
    c = vec4u(high1 ^ c.y ^ k.x, 0xCD9E8D57u * c.z, high0 ^ c.w ^ k.y, 0xD2511F53u * c.x);
    k += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

// What a stream is for; part of the counter, so that streams never overlap.
const ms_PURPOSE_DRAW: u32 = 0u;
const ms_PURPOSE_CHOICE: u32 = 1u;
const ms_SHARED: u32 = 0xffffffffu;

fn ms_random(block: u32, purpose: u32, sample: u32, component: u32, round: u32, seed: vec2u) -> vec4u {
  return ms_philox(vec4u(block | (purpose << 16u), sample, component, round), seed);
}
