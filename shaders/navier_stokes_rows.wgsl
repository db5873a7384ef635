// Advection in physical space, two rows (x fixed, all y) an invocation: the packed velocity and gradient are transformed back along
// y, multiplied, and the products of both rows transformed forward as one complex line.

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = workgroup.y;
  if (block * ms_LANES + lane >= ms_chunk.members) {
    return;
  }
  var line: ms_Line;
  var velocity: ms_Line;
  var products: ms_Line;
  // One text of the transform serves all five.
  for (var t = 0u; t < 5u; t++) {
    if (t < 4u) {
      let at = ms_field_place(block, t % 2u, 2u * workgroup.x + t / 2u, 0u, lane);
      line = ms_Line();
      // The derivative along y has no mean.
      line[0] = vec2f(0.0, ms_fields[at].y);
      for (var k = 1u; k <= ms_chunk.kept; k++) {
        let waves = ms_fields[at + k * ms_LANES];
        line[k] = waves.xy;
        line[ms_GRID - k] = waves.zw;
      }
    } else {
      line = products;
    }
    ms_transform(&line);
    if (t == 0u || t == 2u) {
      velocity = line;
    } else if (t == 1u) {
      ms_multiply_first(&products, &velocity, &line);
    } else if (t == 3u) {
      ms_multiply_second(&products, &velocity, &line);
    }
  }
  let at = ms_product_place(block, workgroup.x, 0u, lane);
  for (var k = 0u; k <= ms_chunk.kept; k++) {
    ms_products[at + k * ms_LANES] = ms_separate(line[k], line[(ms_GRID - k) % ms_GRID]);
  }
}

// u w_x + v w_y out of (d psi/dy, -d psi/dx) and (w_y, -w_x).
fn ms_advection(velocity: vec2f, gradient: vec2f) -> f32 {
  return (velocity.y + ms_MEAN_FLOW) * gradient.x - velocity.x * gradient.y;
}

// Coefficients of two real lines p, q out of the transform of p + i q, whose real and imaginary part are exchanged here:
// the transform with the other sign is the same between two exchanges.
fn ms_separate(wave: vec2f, opposite: vec2f) -> vec4f {
  let c = wave.yx;
  let d = opposite.yx;
  return 0.5 * vec4f(c.x + d.x, c.y - d.y, c.y + d.y, d.x - c.x);
}
