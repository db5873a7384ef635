// Ellipsoids of one standard deviation of the marginal on three axes: glass that is clear where one looks straight through it.

const STACKS: u32 = SEGMENTS / 4u;
const SLICES: u32 = SEGMENTS / 2u;

fn on_sphere(stack: u32, slice: u32) -> vec3f {
  let polar = 3.1415927 * f32(stack) / f32(STACKS);
  let azimuth = 6.2831853 * f32(slice) / f32(SLICES);
  return vec3f(sin(polar) * cos(azimuth), sin(polar) * sin(azimuth), cos(polar));
}

@vertex fn ellipsoid(@builtin(vertex_index) index: u32, @builtin(instance_index) k: u32) -> Drawn {
  let cell = index / 6u;
  let corner = index % 6u;
  let down = select(0u, 1u, corner == 1u || corner == 2u || corner == 4u);
  let right = select(0u, 1u, corner == 2u || corner == 4u || corner == 5u);
  let s = on_sphere(cell / SLICES + down, cell % SLICES + right);
  let l = marginal_factor(k);
  let clip = project(mean_of(k) + l * s);
  // The normal is L^-T s: by the cofactors of L.
  let normal = normalize(mat3x3f(cross(l[1], l[2]), cross(l[2], l[0]), cross(l[0], l[1])) * s);
  // The rows of the camera's linear part give the direction of sight.
  let sight = normalize(vec3f(view.camera[0].w, view.camera[1].w, view.camera[2].w));
  let rim = 1.0 - abs(dot(normal, sight));
  let lit = is_lit(k);
  let alpha = presence(k) * mix(select(0.1, 0.35, lit), 0.75, rim * rim);
  return Drawn(clip, colour_of(k, alpha), vec2f(0.0));
}

// The edges of the box.
@vertex fn edge(@builtin(vertex_index) index: u32) -> Drawn {
  let line = index / 2u;
  let along = line / 4u;
  let place = line % 4u;
  var u = vec3f(0.0);
  u[along] = select(-1.0, 1.0, (index & 1u) == 1u);
  u[(along + 1u) % 3u] = select(-1.0, 1.0, (place & 1u) == 1u);
  u[(along + 2u) % 3u] = select(-1.0, 1.0, (place & 2u) == 2u);
  return Drawn(project(u), vec4f(0.5, 0.55, 0.6, 1.0) * 0.45, vec2f(0.0));
}
