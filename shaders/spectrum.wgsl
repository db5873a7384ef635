// The largest |eigenvalue| of each component's G, for step sizes that depend on those of all components; 0 where the moments are of no
// use. One workgroup a component.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u || workgroup.x >= ms_control.components) {
    return;
  }
  let k = workgroup.x;
  let summary = ms_combine(k, lane);
  let squares = ms_moment_squares(k, lane);
  let sound = summary.usable >= 2.0 && squares.z == 0.0 && ms_is_finite(squares.x + squares.y);
  var radius = 0.0;
  if (ms_agreed(lane, sound)) {
    ms_find_spectrum(k, lane, squares.xy);
    for (var i = lane; i < DIM; i += ms_LANES) {
      radius = max(radius, abs(ms_eigenvalues[i]));
    }
    radius = ms_largest(lane, radius, lane).value;
  }
  if (lane == 0u) {
    ms_components[k * ms_RECORD + ms_RADIUS] = radius;
  }
}
