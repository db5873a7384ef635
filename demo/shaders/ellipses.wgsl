// Ellipses of one and two standard deviations of the marginal in the plane, and dots at the means.

// A strip as wide as a line, along the ellipse. The plane's camera is affine, so a tangent is seen as it is.
fn ring(index: u32, k: u32, sigmas: f32, width: f32) -> vec4f {
  let angle = 6.2831853 * f32(index / 2u) / f32(SEGMENTS);
  let l = marginal_factor(k);
  let here = project(mean_of(k) + sigmas * (l * vec3f(cos(angle), sin(angle), 0.0)));
  let ahead = view.size * (view.camera * vec4f(l * vec3f(-sin(angle), cos(angle), 0.0), 0.0)).xy;
  let across = vec2f(-ahead.y, ahead.x) / max(length(ahead), 1.0e-12);
  let side = select(-0.5, 0.5, (index & 1u) == 1u);
  return nudge(here, side * width * view.pixel * across);
}

// Instances of a component: the halo, then one sigma, then two.
@vertex fn outline(@builtin(vertex_index) index: u32, @builtin(instance_index) instance: u32) -> Drawn {
  let k = instance / 3u;
  let layer = instance % 3u;
  let lit = is_lit(k);
  if (layer == 0u) {
    let alpha = view.halo.a * presence(k) * 0.55;
    return Drawn(ring(index, k, 1.0, select(3.5, 6.0, lit)), vec4f(view.halo.rgb * alpha, alpha), vec2f(0.0));
  }
  // Of many, the outer ones would hide the rest.
  let outer = select(0.55, 0.22, view.axes.w > 20u && !lit);
  let width = select(1.75, 3.0, lit) * select(1.0, 0.6, layer == 2u);
  return Drawn(ring(index, k, f32(layer), width), colour_of(k, presence(k) * select(1.0, outer, layer == 2u)), vec2f(0.0));
}

@vertex fn dot_at_mean(@builtin(vertex_index) corner: u32, @builtin(instance_index) k: u32) -> Drawn {
  let at = (vec2f(vec2u(corner & 1u, corner >> 1u)) - 0.5) * 11.0 * view.pixel;
  return Drawn(nudge(project(mean_of(k)), at), colour_of(k, presence(k)), at);
}

// A disc with a rim.
@fragment fn disc(in: Drawn) -> @location(0) vec4f {
  let radius = length(in.local) / view.pixel;
  let inside = 1.0 - smoothstep(3.0, 3.8, radius);
  let rim = (1.0 - smoothstep(4.2, 5.2, radius)) * in.colour.a * view.halo.a;
  return mix(vec4f(view.halo.rgb * rim, rim), in.colour, inside);
}
