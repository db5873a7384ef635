// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): counter-based, so any thread can
// compute any number of any stream. WGSL has no 32x32->64 multiply; the high word is put together from 16-bit halves.
fn ms_multiply_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let low = a0 * b0;
  let cross = a1 * b0 + (low >> 16u);
  let carry = (cross & 0xffffu) + a0 * b1;
  return a1 * b1 + (cross >> 16u) + (carry >> 16u);
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
