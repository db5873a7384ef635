// Where each component has been: strips between its means in consecutive frames of the ring. `draws` is the ring here.

fn trail_at(k: u32, frame: u32) -> vec4f {
  let at = ((view.trail_first + frame) % view.trail_capacity) * view.trail_stride + k * RECORD + MEAN;
  return project(vec3f(draws[at + axis(0u)], draws[at + axis(1u)], draws[at + axis(2u)]));
}

@vertex fn trail(@builtin(vertex_index) index: u32, @builtin(instance_index) k: u32) -> Drawn {
  let frame = index / 6u;
  let corner = index % 6u;
  let from_clip = trail_at(k, frame);
  let to_clip = trail_at(k, frame + 1u);
  let along = to_pixels(to_clip) - to_pixels(from_clip);
  let across = vec2f(-along.y, along.x) / max(length(along), 1.0e-6);
  let end = corner == 1u || corner == 3u || corner == 4u;
  let side = select(-0.5, 0.5, corner == 2u || corner == 4u || corner == 5u);
  let clip = nudge(select(from_clip, to_clip, end), side * 1.4 * view.pixel * across);
  return Drawn(clip, colour_of(k, 0.6 * presence(k)), vec2f(0.0));
}

// The same as a plain line, for adapters that feel every vertex.
@vertex fn trail_line(@builtin(vertex_index) frame: u32, @builtin(instance_index) k: u32) -> Drawn {
  return Drawn(trail_at(k, frame), colour_of(k, 0.7 * presence(k)), vec2f(0.0));
}
