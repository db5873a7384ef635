// One invocation a sample: counts it in its bin of a level, if it comes so far; or hands out the utility of the bin where its way ends.
// Sums of whole numbers do not depend on their order: counts are the same in every run.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let index = (workgroup.y * ms_step.grid_width + workgroup.x) * ms_LANES + lane;
  if (index >= ms_step.segments * ms_step.count) {
    return;
  }
  let words = (index / ms_step.count) * ms_WORDS;
  let key = ms_descending_key(ms_values[index].y);
  var node = 0u;
  for (var level = 0u; level < ms_LEVELS; level++) {
    let bin = words + ms_bin_of(level, node, key);
    if (level == ms_step.level) {
      atomicAdd(&ms_order[bin], 1u);
      return;
    }
    let word = atomicLoad(&ms_order[bin]);
    if ((word & 1u) == 0u) {
      if (ms_step.level == ms_LEVELS) {
        ms_values[index].w = select(bitcast<f32>(word), 0.0, ms_values[index].x == ms_NO_VALUE);
      }
      return;
    }
    node = word >> 1u;
  }
}
