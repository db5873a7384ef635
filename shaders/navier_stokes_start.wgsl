// The spectrum of the initial vorticity sum theta_i phi_i. One invocation a mode and member. ms_modes holds of each mode the unknown
// of its cosine, that of its sine (-1: none), the coefficient of the cosine, and the sign of the sine.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let member = workgroup.y * ms_LANES + lane;
  if (member >= ms_chunk.members) {
    return;
  }
  let mode = ms_modes[workgroup.x];
  let theta = (ms_chunk.first + member) * DIM;
  var coefficient = vec2f(0.0);
  if (mode.x >= 0.0) {
    coefficient.x = mode.z * ms_parameters[theta + u32(mode.x)];
  }
  if (mode.y >= 0.0) {
    coefficient.y = -mode.w * mode.z * ms_parameters[theta + u32(mode.y)];
  }
  ms_state[ms_mode_place(workgroup.y, 0u, workgroup.x, lane)] = coefficient;
}
