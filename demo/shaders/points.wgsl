// Samples: one vertex each, or a small square where they are few. They belong to the components as they stood before the iteration.

fn sample_at(index: u32) -> vec3f {
  let k = index / view.shown;
  let at = k * view.per_component + index % view.shown;
  var u = mean_of(k);
  for (var a = 0u; a < 3u; a++) {
    let row = axis(a);
    for (var j = 0u; j <= row; j++) {
      u[a] += factor(k, row, j) * draws[j * view.stride + at];
    }
  }
  return u;
}

@vertex fn point(@builtin(vertex_index) index: u32) -> Drawn {
  let k = index / view.shown;
  return Drawn(project(sample_at(index)), colour_of(k, view.opacity * presence(k)), vec2f(0.0));
}

@vertex fn square(@builtin(vertex_index) corner: u32, @builtin(instance_index) index: u32) -> Drawn {
  let k = index / view.shown;
  let at = (vec2f(vec2u(corner & 1u, corner >> 1u)) - 0.5) * view.point_size * view.pixel;
  return Drawn(nudge(project(sample_at(index)), at), colour_of(k, view.opacity * presence(k)), vec2f(0.0));
}
