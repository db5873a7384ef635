// Samples: one vertex each, or a small square where they are few. They belong to the components as they stood before the iteration.
// SOURCE: 0 whitened draws; 1 rows of a shared batch, as points; 2 members of a forward model, in the user's units.

struct Sample {
  u: vec3f,
  id: u32,      // of the component that drew it
  there: bool,
}

fn whitened_sample(k: u32, i: u32) -> vec3f {
  let at = k * view.per_component + i;
  var u = mean_of(k);
  for (var a = 0u; a < 3u; a++) {
    let row = axis(a);
    for (var j = 0u; j <= row; j++) {
      u[a] += factor(k, row, j) * draws[j * view.stride + at];
    }
  }
  return u;
}

fn row_sample(k: u32, i: u32) -> Sample {
  let shared_draw = (view.flags & 2u) != 0u;
  let draw = select(u32(max(components[k * RECORD + FIRST_DRAW], 0.0)) + i, k * view.shown + i, shared_draw);
  let own = select(f32(i) < components[k * RECORD + DRAWS], true, shared_draw);
  let row = (control[FIRST_ROW] + control[ROWS] - control[FRESH] + draw) % view.per_component;
  let u = vec3f(draws[axis(0u) * view.stride + row], draws[axis(1u) * view.stride + row], draws[axis(2u) * view.stride + row]);
  return Sample(u, u32(max(origins[4u * row + 3u], 0.0)), own && k < control[ALIVE] && draw < control[FRESH]);
}

fn member_sample(k: u32, i: u32) -> vec3f {
  let at = (k * view.per_component + i) * view.stride;
  return vec3f(draws[at + axis(0u)], draws[at + axis(1u)], draws[at + axis(2u)]) * view.member_scale.xyz + view.member_shift.xyz;
}

fn sample_at(index: u32) -> Sample {
  let k = index / view.shown;
  let i = index % view.shown;
  if (SOURCE == 1u) {
    return row_sample(k, i);
  }
  if (SOURCE == 2u) {
    return Sample(member_sample(k, i), id_of(k), true);
  }
  return Sample(whitened_sample(k, i), id_of(k), true);
}

@vertex fn point(@builtin(vertex_index) index: u32) -> Drawn {
  let found = sample_at(index);
  let colour = colour_by_id(found.id, view.opacity * presence(index / view.shown));
  return Drawn(select(NOWHERE, project(found.u), found.there), colour, vec2f(0.0));
}

@vertex fn square(@builtin(vertex_index) corner: u32, @builtin(instance_index) index: u32) -> Drawn {
  let found = sample_at(index);
  let at = (vec2f(vec2u(corner & 1u, corner >> 1u)) - 0.5) * view.point_size * view.pixel;
  let colour = colour_by_id(found.id, view.opacity * presence(index / view.shown));
  return Drawn(select(NOWHERE, nudge(project(found.u), at), found.there), colour, vec2f(0.0));
}
