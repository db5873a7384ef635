// log q of the store of past samples, one invocation a row, ms_NO_VALUE for a row without a usable value; for the adapt kernel, which
// runs next, and only when it adds. Grid: any that has enough invocations.

// Densities go no lower, so that the store's differences stay finite.
const ms_LEAST_LOG_DENSITY: f32 = -0.9e30;

@compute @workgroup_size(ms_LANES)
fn ms_main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  if (ms_control.stop != 0u || !ms_adds_after(ms_control.iteration) || ms_control.components >= ms_params.capacity) {
    return;
  }
  let row = (workgroup.y * grid.x + workgroup.x) * ms_LANES + lane;
  if (row >= ms_past_count(ms_control.drawn)) {
    return;
  }
  let at = row * (DIM + 1u);
  if (!ms_is_usable(ms_past[at])) {
    ms_past_density[row] = ms_NO_VALUE;
    return;
  }
  var x: Point;
  for (var i = 0u; i < DIM; i++) {
    x[i] = ms_past[at + 1u + i];
  }
  var y: Point;
  var top = ms_NO_VALUE;
  var sum = 0.0;
  for (var k = 0u; k < ms_control.components; k++) {
    let record = k * ms_RECORD;
    ms_hold(k);
    let own = ms_components[record + ms_LOG_NORM] - 0.5 * ms_whiten(k, &x, &y);
    let term = max(own + ms_components[record + ms_LOG_WEIGHT], ms_LEAST_LOG_DENSITY);
    if (term > top) {
      sum = sum * ms_exp(top - term) + 1.0;
      top = term;
    } else {
      sum += ms_exp(term - top);
    }
  }
  ms_past_density[row] = top + log(max(sum, 1.0));
}
