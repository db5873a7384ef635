// Eight samples side by side, as two columns of four; see group_1.wgsl.
const ms_GROUP: u32 = 8u;
alias ms_Group = mat2x4f;
alias ms_Points = array<mat2x4f, 4u * ((DIM + 3u) / 4u)>;

fn ms_all(value: f32) -> ms_Group {
  return mat2x4f(vec4f(value), vec4f(value));
}

fn ms_times(a: ms_Group, b: ms_Group) -> ms_Group {
  return mat2x4f(a[0] * b[0], a[1] * b[1]);
}

fn ms_log_of(group: ms_Group) -> ms_Group {
  return mat2x4f(log(group[0]), log(group[1]));
}

fn ms_reciprocal(group: ms_Group) -> ms_Group {
  return mat2x4f(vec4f(1.0) / group[0], vec4f(1.0) / group[1]);
}

fn ms_any_above(group: ms_Group, bound: f32) -> bool {
  return any(group[0] > vec4f(bound)) || any(group[1] > vec4f(bound));
}

struct ms_Joined {
  top: ms_Group,
  shrink: ms_Group,
  weight: ms_Group,
}

fn ms_join(top: ms_Group, term: ms_Group) -> ms_Joined {
  let one = vec4f(1.0);
  let apart0 = term[0] - top[0];
  let apart1 = term[1] - top[1];
  let lesser0 = ms_exp_of(-abs(apart0));
  let lesser1 = ms_exp_of(-abs(apart1));
  let up0 = apart0 > vec4f(0.0);
  let up1 = apart1 > vec4f(0.0);
  return ms_Joined(
    mat2x4f(select(top[0], term[0], up0), select(top[1], term[1], up1)),
    mat2x4f(select(one, lesser0, up0), select(one, lesser1, up1)),
    mat2x4f(select(lesser0, one, up0), select(lesser1, one, up1)),
  );
}

// One of them, picked without memory.
fn ms_number(group: ms_Group, s: u32) -> f32 {
  return select(group[0], group[1], s >= 4u)[s & 3u];
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
  return mat2x4f(
    select(group[0], vec4f(value), vec4u(0u, 1u, 2u, 3u) == vec4u(s)),
    select(group[1], vec4f(value), vec4u(4u, 5u, 6u, 7u) == vec4u(s)),
  );
}

fn ms_put_four(points: ptr<function, ms_Points>, i: u32, four: u32, values: vec4f) {
  let group = (*points)[i];
  (*points)[i] = mat2x4f(select(values, group[0], four == 1u), select(group[1], values, four == 1u));
}

fn ms_total(group: ms_Group) -> f32 {
  return dot(group[0] + group[1], vec4f(1.0));
}

// 1 where it is larger, else 0.
fn ms_above_each(group: ms_Group, bound: ms_Group) -> ms_Group {
  return mat2x4f(select(vec4f(0.0), vec4f(1.0), group[0] > bound[0]), select(vec4f(0.0), vec4f(1.0), group[1] > bound[1]));
}

fn ms_above(group: ms_Group, bound: f32) -> ms_Group {
  return ms_above_each(group, ms_all(bound));
}

fn ms_where(mask: ms_Group, yes: ms_Group, no: ms_Group) -> ms_Group {
  return mat2x4f(select(no[0], yes[0], mask[0] > vec4f(0.5)), select(no[1], yes[1], mask[1] > vec4f(0.5)));
}
