// Four samples side by side; see group_1.wgsl.
const ms_GROUP: u32 = 4u;
alias ms_Group = vec4f;
alias ms_Points = array<vec4f, 4u * ((DIM + 3u) / 4u)>;

fn ms_all(value: f32) -> ms_Group {
  return vec4f(value);
}

fn ms_times(a: ms_Group, b: ms_Group) -> ms_Group {
  return a * b;
}

fn ms_log_of(group: ms_Group) -> ms_Group {
  return log(group);
}

fn ms_reciprocal(group: ms_Group) -> ms_Group {
  return vec4f(1.0) / group;
}

fn ms_any_above(group: ms_Group, bound: f32) -> bool {
  return any(group > vec4f(bound));
}

struct ms_Joined {
  top: ms_Group,
  shrink: ms_Group,
  weight: ms_Group,
}

fn ms_join(top: ms_Group, term: ms_Group) -> ms_Joined {
  let apart = term - top;
  let lesser = ms_exp_of(-abs(apart));
  let up = apart > vec4f(0.0);
  return ms_Joined(select(top, term, up), select(vec4f(1.0), lesser, up), select(lesser, vec4f(1.0), up));
}

// One of them, picked without memory.
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

// The group with its s-th number replaced.
fn ms_put(group: ms_Group, s: u32, value: f32) -> ms_Group {
  return select(group, vec4f(value), vec4u(0u, 1u, 2u, 3u) == vec4u(s));
}

fn ms_put_four(points: ptr<function, ms_Points>, i: u32, four: u32, values: vec4f) {
  (*points)[i] = values;
}

fn ms_total(group: ms_Group) -> f32 {
  return dot(group, vec4f(1.0));
}

// 1 where it is larger, else 0.
fn ms_above_each(group: ms_Group, bound: ms_Group) -> ms_Group {
  return select(vec4f(0.0), vec4f(1.0), group > bound);
}

fn ms_above(group: ms_Group, bound: f32) -> ms_Group {
  return ms_above_each(group, ms_all(bound));
}

fn ms_where(mask: ms_Group, yes: ms_Group, no: ms_Group) -> ms_Group {
  return select(no, yes, mask > vec4f(0.5));
}
