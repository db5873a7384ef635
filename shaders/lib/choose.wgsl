// Which component a sample of the shared batch comes from: by weight, evenly, or (stratified) each in turn, so that every
// reduction leaf, which centres on its own mean, holds all strata alike.
const ms_PROPOSAL_MIXTURE: u32 = 0u;
const ms_PROPOSAL_FLAT: u32 = 1u;
const ms_PROPOSAL_STRATIFIED: u32 = 2u;

fn ms_choose(sample: u32) -> u32 {
  if (ms_PROPOSAL == ms_PROPOSAL_STRATIFIED) {
    return sample % ms_params.components;
  }
  let u = ms_uniform(ms_random(0u, ms_PURPOSE_CHOICE, sample, ms_SHARED, ms_control.round, ms_params.seed).x);
  if (ms_PROPOSAL == ms_PROPOSAL_FLAT) {
    return min(u32(u * f32(ms_params.components)), ms_params.components - 1u);
  }
  var cumulative = 0.0;
  for (var k = 0u; k < ms_params.components; k++) {
    cumulative += exp(ms_components[k * ms_RECORD + ms_LOG_WEIGHT]);
    if (u < cumulative) {
      return k;
    }
  }
  return ms_params.components - 1u;
}
