// Which component a fresh row of the shared batch comes from: by weight, evenly, (stratified) each in turn, so that every
// reduction leaf holds all strata alike, or (component) as many from each as were allotted to it, one after the other.
const ms_PROPOSAL_MIXTURE: u32 = 0u;
const ms_PROPOSAL_FLAT: u32 = 1u;
const ms_PROPOSAL_STRATIFIED: u32 = 2u;
const ms_PROPOSAL_COMPONENT: u32 = 3u;

fn ms_choose(sample: u32) -> u32 {
  let components = ms_control.components;
  if (ms_PROPOSAL == ms_PROPOSAL_STRATIFIED) {
    return sample % components;
  }
  if (ms_PROPOSAL == ms_PROPOSAL_COMPONENT) {
    // The last component whose rows begin at or before this one.
    var low = 0u;
    var high = components;
    while (high - low > 1u) {
      let middle = (low + high) / 2u;
      if (u32(ms_components[middle * ms_RECORD + ms_FIRST_DRAW]) <= sample) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
  let u = ms_uniform(ms_random(0u, ms_PURPOSE_CHOICE, sample, ms_SHARED, ms_control.round, ms_params.seed).x);
  if (ms_PROPOSAL == ms_PROPOSAL_FLAT) {
    return min(u32(u * f32(components)), components - 1u);
  }
  var cumulative = 0.0;
  for (var k = 0u; k < components; k++) {
    cumulative += exp(ms_components[k * ms_RECORD + ms_LOG_WEIGHT]);
    if (u < cumulative) {
      return k;
    }
  }
  return components - 1u;
}
