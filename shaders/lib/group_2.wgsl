// Two samples side by side, for dimensions in which four would not fit the variables of a function; see group_1.wgsl.
const ms_GROUP: u32 = 2u;
alias ms_Group = vec2f;
alias ms_Points = array<vec2f, 4u * ((DIM + 3u) / 4u)>;

fn ms_all(value: f32) -> ms_Group {
  return vec2f(value);
}

fn ms_times(a: ms_Group, b: ms_Group) -> ms_Group {
  return a * b;
}

fn ms_log_of(group: ms_Group) -> ms_Group {
  return log(group);
}

fn ms_reciprocal(group: ms_Group) -> ms_Group {
  return vec2f(1.0) / group;
}

fn ms_any_above(group: ms_Group, bound: f32) -> bool {
  return any(group > vec2f(bound));
}

struct ms_Joined {
  top: ms_Group,
  shrink: ms_Group,
  weight: ms_Group,
}

fn ms_join(top: ms_Group, term: ms_Group) -> ms_Joined {
  let apart = term - top;
  let lesser = vec2f(ms_exp(-abs(apart.x)), ms_exp(-abs(apart.y)));
  let up = apart > vec2f(0.0);
  return ms_Joined(select(top, term, up), select(vec2f(1.0), lesser, up), select(lesser, vec2f(1.0), up));
}

fn ms_number(group: ms_Group, s: u32) -> f32 {
  return group[s];
}

fn ms_point(points: ptr<function, ms_Points>, s: u32) -> Point {
  var point: Point;
  for (var i = 0u; i < DIM; i++) {
    point[i] = ms_number((*points)[i], s);
  }
  return point;
}

fn ms_put(group: ms_Group, s: u32, value: f32) -> ms_Group {
  return select(group, vec2f(value), vec2u(0u, 1u) == vec2u(s));
}

// Of numbers for four samples it takes two.
fn ms_put_four(points: ptr<function, ms_Points>, i: u32, four: u32, values: vec4f) {
  (*points)[i] = values.xy;
}

fn ms_above(group: ms_Group, bound: f32) -> ms_Group {
  return select(vec2f(0.0), vec2f(1.0), group > vec2f(bound));
}

fn ms_where(mask: ms_Group, yes: ms_Group, no: ms_Group) -> ms_Group {
  return select(no, yes, mask > vec2f(0.5));
}
