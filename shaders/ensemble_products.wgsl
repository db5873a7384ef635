// Inner products over observations: of responses k and j (ms_gram, a packed lower triangle), and of response k with the innovation of
// particle j (ms_weights, row k). One invocation a pair (k, j).

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = ms_linear(workgroup, grid, lane);
  let members = ms_params.samples;
  let k = at / members;
  let j = at % members;
  if (ms_stopped() || k >= members) {
    return;
  }
  var gram = 0.0;
  var drawn = 0.0;
  for (var row = 0u; row < ms_ROWS; row++) {
    let response = ms_responses[k * ms_ROWS + row];
    gram += response * ms_responses[j * ms_ROWS + row];
    drawn += response * ms_innovations[j * ms_ROWS + row];
  }
  ms_weights[at] = drawn;
  if (j <= k) {
    ms_gram[k * (k + 1u) / 2u + j] = gram;
  }
}
