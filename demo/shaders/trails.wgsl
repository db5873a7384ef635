// Where each component has been: strips between its means in consecutive frames of the ring. `draws` is the ring here. Its places change
// hands where components come and go: only frames of the component that is there now are shown.

fn trail_record(k: u32, frame: u32) -> u32 {
  return ((view.trail_first + frame) % view.trail_capacity) * view.trail_stride + k * RECORD;
}

fn trail_at(k: u32, frame: u32) -> vec4f {
  let at = trail_record(k, frame) + MEAN;
  return project(vec3f(draws[at + axis(0u)], draws[at + axis(1u)], draws[at + axis(2u)]));
}

// The older, the fainter.
fn trail_colour(k: u32, frame: u32, alpha: f32) -> vec4f {
  let age = f32(frame) / max(view.member_scale.w - 1.0, 1.0);
  return colour_of(k, mix(0.15, alpha, age) * presence(k));
}

fn is_of(k: u32, frame: u32) -> bool {
  return draws[trail_record(k, frame) + ID] == components[k * RECORD + ID];
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
  return Drawn(select(NOWHERE, clip, is_of(k, frame)), trail_colour(k, frame, 0.65), vec2f(0.0));
}

// The same as a plain line, for adapters that feel every vertex. A piece has the colour of its earlier end.
struct Line {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat, first) colour: vec4f,
}

@vertex fn trail_line(@builtin(vertex_index) frame: u32, @builtin(instance_index) k: u32) -> Line {
  return Line(trail_at(k, frame), trail_colour(k, frame, 0.75) * select(0.0, 1.0, is_of(k, frame)));
}

@fragment fn fill_flat(in: Line) -> @location(0) vec4f {
  return in.colour;
}
