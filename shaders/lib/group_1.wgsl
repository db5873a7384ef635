// How many samples an invocation takes side by side, so that each parameter it reads serves all of them: one.
const ms_GROUP: u32 = 1u;
alias ms_Group = f32;
alias ms_Points = Point;

fn ms_all(value: f32) -> ms_Group {
  return value;
}

fn ms_times(a: ms_Group, b: ms_Group) -> ms_Group {
  return a * b;
}

fn ms_log_of(group: ms_Group) -> ms_Group {
  return log(group);
}

fn ms_reciprocal(group: ms_Group) -> ms_Group {
  return 1.0 / group;
}

fn ms_any_above(group: ms_Group, bound: f32) -> bool {
  return group > bound;
}

// A term joins a sum of exponentials that is kept relative to its largest: what the sum so far shrinks by, and the term's weight.
struct ms_Joined {
  top: ms_Group,
  shrink: ms_Group,
  weight: ms_Group,
}

fn ms_join(top: ms_Group, term: ms_Group) -> ms_Joined {
  let lesser = ms_exp(-abs(term - top));
  let up = term > top;
  return ms_Joined(max(top, term), select(1.0, lesser, up), select(lesser, 1.0, up));
}

// One of them.
fn ms_number(group: ms_Group, s: u32) -> f32 {
  return group;
}

fn ms_point(points: ptr<function, ms_Points>, s: u32) -> Point {
  return *points;
}

fn ms_put(group: ms_Group, s: u32, value: f32) -> ms_Group {
  return value;
}

fn ms_where(mask: ms_Group, yes: ms_Group, no: ms_Group) -> ms_Group {
  return select(no, yes, mask > 0.5);
}

// 1 where it is larger, else 0.
fn ms_above(group: ms_Group, bound: f32) -> ms_Group {
  return select(0.0, 1.0, group > bound);
}
