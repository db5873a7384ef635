// From unconstrained to physical units, axis by axis (src/objective/prior.ts).
// ms_transforms[axis] = (kind, lower, width, 0), with the kinds of `transformNumber`.

// The normal distribution function to 2e-7: Abramowitz and Stegun 7.1.26, with erfc kept small where it is small.
fn ms_normal_share(v: f32) -> f32 {
  let z = abs(v) * 0.70710678;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let tail = 0.5 * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(max(-z * z, -87.0));
  return select(tail, 1.0 - tail, v > 0.0);
}

fn ms_physical(axis: u32, v: f32) -> f32 {
  let map = ms_transforms[axis];
  switch u32(map.x) {
    case 1u: {
      return map.y + exp(clamp(v, -87.0, 87.0));
    }
    case 2u: {
      return map.y + map.z * ms_normal_share(v);
    }
    case 3u: {
      return map.y + map.z / (1.0 + exp(clamp(-v, -87.0, 87.0)));
    }
    default: {
      return v;
    }
  }
}

// v of a search coordinate.
fn ms_unconstrained(axis: u32, u: f32) -> f32 {
  let side = ms_box[axis];
  return 0.5 * (side.x + side.y) + 0.5 * side.z * u;
}
