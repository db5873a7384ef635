// The pressure of every member, by conjugate gradients with the V-cycle as preconditioner, and what is observed of it. A step of
// the method lowers the squared energy norm of the error by (r.z) alpha, and these falls sum to that of the solution (Hestenes and
// Stiefel 1952, theorem 6:1): it ends when a step's share of the sum is small. One workgroup a member.

// A member without a solution.
const ms_NOT_A_NUMBER: u32 = 0x7fc00000u;

// r.z, itself an estimate of the squared error, is this share of the first one only where a step has met the solution by chance (on
// grids of a few nodes): there is no direction left then.
const ms_EXACT: f32 = 1.0e-12;

var<workgroup> ms_parts: array<f32, ms_LANES>;
var<workgroup> ms_whole: f32;

// Sum over all lanes, in a fixed order, to every lane; all memory is in step afterwards.
fn ms_sum(lane: u32, part: f32) -> f32 {
  ms_parts[lane] = part;
  workgroupBarrier();
  if (lane == 0u) {
    var sum = 0.0;
    for (var l = 0u; l < ms_LANES; l++) {
      sum += ms_parts[l];
    }
    ms_whole = sum;
  }
  return workgroupUniformLoad(&ms_whole);
}

// r.z
fn ms_dot(lane: u32) -> f32 {
  var sum = 0.0;
  for (var y = 1u + ms_place.y; y < ms_NODES - 1u; y += ms_NEAR) {
    var line = 0.0;
    for (var x = 1u + ms_place.x; x < ms_NODES - 1u; x += ms_WIDTH) {
      let at = ms_work_first + y * ms_NODES + x;
      line += ms_work[at + ms_R] * ms_work[at + ms_Z];
    }
    sum += line;
  }
  return ms_sum(lane, sum);
}

// q = A p, and p.q
fn ms_apply(lane: u32) -> f32 {
  let grid = ms_grid(0u);
  var sum = 0.0;
  for (var y = 1u + ms_place.y; y < ms_NODES - 1u; y += ms_NEAR) {
    var line = 0.0;
    for (var x = 1u + ms_place.x; x < ms_NODES - 1u; x += ms_WIDTH) {
      let i = y * ms_NODES + x;
      let at = ms_work_first + i;
      let p = ms_work[at + ms_P];
      let q = ms_total(ms_faces(grid, i) * (p - ms_neighbours(ms_P, grid, i)));
      ms_work[at + ms_Q] = q;
      line += p * q;
    }
    sum += line;
  }
  return ms_sum(lane, sum);
}

// p = z + beta p
fn ms_turn(beta: f32) {
  for (var y = 1u + ms_place.y; y < ms_NODES - 1u; y += ms_NEAR) {
    for (var x = 1u + ms_place.x; x < ms_NODES - 1u; x += ms_WIDTH) {
      let at = ms_work_first + y * ms_NODES + x;
      ms_work[at + ms_P] = ms_work[at + ms_Z] + beta * ms_work[at + ms_P];
    }
  }
  storageBarrier();
}

// x += alpha p, r -= alpha q
fn ms_advance(alpha: f32) {
  for (var y = 1u + ms_place.y; y < ms_NODES - 1u; y += ms_NEAR) {
    for (var x = 1u + ms_place.x; x < ms_NODES - 1u; x += ms_WIDTH) {
      let at = ms_work_first + y * ms_NODES + x;
      ms_work[at + ms_X] += alpha * ms_work[at + ms_P];
      ms_work[at + ms_R] -= alpha * ms_work[at + ms_Q];
    }
  }
  storageBarrier();
}

// x = p = 0, r = the forcing; the number of entries of the permeability that are no numbers.
fn ms_open(lane: u32) -> f32 {
  var lost = 0.0;
  for (var i = lane; i < ms_NODES * ms_NODES; i += ms_LANES) {
    lost += select(0.0, 1.0, ms_permeability[ms_permeability_first + i] == 0.0);
  }
  for (var y = 1u + ms_place.y; y < ms_NODES - 1u; y += ms_NEAR) {
    for (var x = 1u + ms_place.x; x < ms_NODES - 1u; x += ms_WIDTH) {
      let i = y * ms_NODES + x;
      ms_work[ms_work_first + ms_X + i] = 0.0;
      ms_work[ms_work_first + ms_P + i] = 0.0;
      ms_work[ms_work_first + ms_R + i] = ms_forcing[i];
    }
  }
  storageBarrier();
  return ms_sum(lane, lost);
}

// Steps taken; 0 where there is no solution.
fn ms_solve(lane: u32) -> u32 {
  if (ms_open(lane) > 0.0) {
    return 0u;
  }
  var energy = 0.0;
  var before = 0.0;
  var least = 0.0;
  for (var step = 1u; step <= ms_STEPS; step++) {
    ms_precondition();
    let product = ms_dot(lane);
    if (step == 1u) {
      before = product;
      least = ms_EXACT * product;
    }
    if (product <= least) {
      return step;
    }
    // p is 0 at the first step.
    ms_turn(product / before);
    before = product;
    let curvature = ms_apply(lane);
    let fall = product * (product / curvature);
    if (!ms_is_finite(fall) || !(curvature > 0.0)) {
      return 0u;
    }
    ms_advance(product / curvature);
    energy += fall;
    if (fall <= ms_SHARE * energy) {
      return step;
    }
  }
  return 0u;
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let member = workgroup.x;
  ms_permeability_first = member * ms_FIELD;
  ms_work_first = member * ms_WORK;
  ms_place = vec2u(lane % ms_WIDTH, lane / ms_WIDTH);
  let steps = ms_solve(lane);
  if (lane == 0u) {
    ms_steps[member] = steps;
  }
  for (var o = lane; o < ms_OBSERVATIONS; o += ms_LANES) {
    var bits = ms_NOT_A_NUMBER;
    if (steps > 0u) {
      let x = ms_FIRST_OBSERVED + ms_SPACING * (o % ms_COLUMNS);
      let y = ms_FIRST_OBSERVED + ms_SPACING * (o / ms_COLUMNS);
      let line = ms_work_first + ms_X + y * ms_NODES;
      bits = bitcast<u32>(0.5 * (ms_work[line + x] + ms_work[line + ms_NODES - 1u - x]));
    }
    ms_predictions[member * ms_OBSERVATIONS + o] = bits;
  }
}
