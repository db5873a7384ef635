// The second phase of an iteration that weighs by rewards: what the rows of the shared batch, now that the components have been
// updated, say of E_k[f], and how many effective samples the rows that may be reused are worth to a component. One workgroup a
// (component, leaf).

@compute @workgroup_size(ms_LANES)
fn ms_main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  if (ms_control.stop != 0u) {
    return;
  }
  let linear = workgroup.y * grid.x + workgroup.x;
  if (linear >= ms_control.components * ms_control.leaves) {
    return;
  }
  let k = linear / ms_control.leaves;
  let leaf = linear % ms_control.leaves;
  let rows = ms_control.rows;
  let reusable_from = rows - min(rows, ms_params.reuse * ms_control.components);
  var sums = vec4f(0.0);      // weight, its square, weight f, fresh rows without a value
  var reusable = vec4f(0.0);
  for (var row = ms_leaf_start(leaf, rows, ms_control.leaves) + lane; row < ms_leaf_start(leaf + 1u, rows, ms_control.leaves); row += ms_LANES) {
    let value = ms_values[ms_ring(row)];
    let weight = ms_weights[ms_weight_index(k, row)];
    if (value.x != ms_NO_VALUE) {
      sums += vec4f(weight, weight * weight, weight * value.y, 0.0);
    } else if (row >= rows - ms_control.fresh) {
      sums.w += 1.0;
    }
    if (row >= reusable_from) {
      let reuse = ms_reuse_weight(weight, value);
      reusable += vec4f(reuse, reuse * reuse, 0.0, 0.0);
    }
  }
  sums = ms_sum(lane, sums);
  reusable = ms_sum(lane, reusable);
  if (lane == 0u) {
    let part = (k * ms_params.leaves + leaf) * ms_REWARD_PART;
    ms_rewards[part] = sums.x;
    ms_rewards[part + 1u] = sums.y;
    ms_rewards[part + 2u] = sums.z;
    ms_rewards[part + 3u] = sums.w;
    ms_rewards[part + 4u] = reusable.x;
    ms_rewards[part + 5u] = reusable.y;
  }
}
