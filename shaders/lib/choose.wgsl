// Which component a fresh row of the shared batch comes from: by weight, evenly, (stratified) each in turn, so that every
// reduction leaf holds all strata alike, or (component) as many from each as were allotted to it, one after the other.
const ms_PROPOSAL_MIXTURE: u32 = 0u;
const ms_PROPOSAL_FLAT: u32 = 1u;
const ms_PROPOSAL_STRATIFIED: u32 = 2u;
const ms_PROPOSAL_COMPONENT: u32 = 3u;

// By weight or evenly, rows are chosen for by families: ms_TOGETHER rows, ms_APART from each other, come from one component, so that an
// invocation may place them side by side, while neighbouring rows are chosen for one by one. The number of a family chooses: multiples of the
// golden section from a random start, each as likely anywhere in (0, 1), and more evenly spread than numbers drawn one by one.
fn ms_choice_number(family: u32) -> f32 {
  let start = ms_random(0u, ms_PURPOSE_CHOICE, 0u, ms_SHARED, ms_control.round, ms_params.seed).x;
  return ms_uniform(start + 0x9E3779B9u * family);
}

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
  let u = ms_choice_number(sample / (ms_TOGETHER * ms_APART) * ms_APART + sample % ms_APART);
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
