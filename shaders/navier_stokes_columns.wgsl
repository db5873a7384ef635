// One stage of a time step in a column (ky fixed, all kx), then the spectra that the next advection needs. One invocation a column and
// member: the advection is transformed forward along x, the column advanced, and velocity and gradient of the stage's argument are
// transformed back along x, for both signs of ky.

alias ms_Column = array<vec2f, ms_WIDTH>;

struct ms_Stage {
  // The initial state: nothing to advance yet.
  begin: u32,
  // First and last stage of a time step.
  first: u32,
  last: u32,
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = workgroup.x;
  let block = workgroup.y;
  if (block * ms_LANES + lane >= ms_chunk.members) {
    return;
  }
  let ky = f32(column);
  var line: ms_Line;
  var argument: ms_Column;
  var t = 0u;
  if (ms_stage.begin != 0u) {
    for (var wave = 0u; wave <= 2u * ms_chunk.kept; wave++) {
      argument[wave] = ms_state[ms_mode_place(block, column, wave, lane)];
    }
    t = 1u;
  }
  // One text of the transform serves all five.
  for (; t < 5u; t++) {
    let side = select(1.0, -1.0, t % 2u == 0u);
    if (t == 0u) {
      for (var pair = 0u; pair < ms_chunk.grid / 2u; pair++) {
        let rows = ms_products[ms_product_place(block, pair, column, lane)];
        line[2u * pair] = rows.yx;
        line[2u * pair + 1u] = rows.wz;
      }
    } else {
      // (velocity, gradient) x (ky, -ky)
      ms_place_column(&line, &argument, side, ky, t < 3u);
    }
    ms_transform(&line);
    if (t == 0u) {
      for (var wave = 0u; wave <= 2u * ms_chunk.kept; wave++) {
        let advection = line[(wave + ms_GRID - ms_KEPT) % ms_GRID];
        argument[wave] = ms_advance(advection, column, wave, ms_mode_place(block, column, wave, lane));
      }
    } else {
      let at = 2u * ms_field_place(block, (t - 1u) / 2u, 0u, column, lane) + (t - 1u) % 2u;
      for (var row = 0u; row < ms_chunk.grid; row++) {
        ms_fields[at + row * 2u * ms_COLUMNS * ms_LANES] = vec2f(line[row].x, side * line[row].y);
      }
    }
  }
}

// Advances one mode by a stage: takes the transform of the advection (its parts exchanged: the transform with the other sign is
// the same between two exchanges) and returns the argument of the next stage. ms_stages: what multiplies the mode at the step's start
// and the slope in the argument, the mode so far and the slope in the new mode; the first and third less 1.
fn ms_advance(advection: vec2f, column: u32, wave: u32, at: u32) -> vec2f {
  let kx = f32(wave) - f32(ms_KEPT);
  var slope = -ms_SCALE * advection.yx;
  if (column == 0u && abs(kx) == ms_FORCING_NUMBER) {
    slope.y -= sign(kx) * ms_FORCING_HALF;
  }
  let stage = ms_stages[column * ms_WIDTH + wave];
  let start = ms_state[at];
  var next = start;
  if (ms_stage.first == 0u) {
    next = ms_next[at];
  }
  next += stage.z * next + stage.w * slope;
  if (ms_stage.last != 0u) {
    ms_state[at] = next;
    return next;
  }
  ms_next[at] = next;
  return start + (stage.x * start + stage.y * slope);
}

// Coefficient of d g/dy - i d g/dx for wave numbers (kx, ky), where g is the vorticity or its stream function. For (kx, -ky) the
// conjugate of the coefficient with -kx in front, which is taken after the transform.
fn ms_derivatives(mode: vec2f, kx: f32, ky: f32, over: f32) -> vec2f {
  return over * vec2f(kx * mode.x - ky * mode.y, kx * mode.y + ky * mode.x);
}

// 1, or what turns vorticity into its stream function: 1 / |k|^2.
fn ms_over(kx: f32, ky: f32, of_stream: bool) -> f32 {
  return select(1.0, 1.0 / max(kx * kx + ky * ky, 1.0), of_stream);
}
