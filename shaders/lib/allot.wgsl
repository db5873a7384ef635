// Stage 8, last: the rows of the next iteration. ms_MIXTURE: rows are drawn from the whole mixture; else every component draws its own.
// Rows drawn before are used again, the latest ones; each component (or the mixture) draws so many fewer rows as they are worth to it.

const ms_STOP_EVALUATIONS: u32 = 2u;

// Of `samples` rows, those to draw anew: one at least.
fn ms_fresh_draws(component: u32, samples: u32) -> u32 {
  let reusable = ms_components[component * ms_RECORD + ms_REUSABLE];
  if (!ms_is_usable(reusable)) {
    return samples;
  }
  return max(samples - min(u32(clamp(reusable, 0.0, 1.0e9)), samples), 1u);
}

fn ms_allot(lane: u32, components: u32) {
  let budget = select(ms_params.row_budget / max(components, 1u), ms_params.row_budget, ms_MIXTURE);
  let samples = max(min(ms_params.samples, budget), 1u);
  var fresh = 0u;
  if (ms_MIXTURE) {
    fresh = ms_fresh_draws(0u, samples);
    for (var k = lane; k < components; k += ms_LANES) {
      let record = k * ms_RECORD;
      ms_components[record + ms_FIRST_DRAW] = 0.0;
      ms_components[record + ms_DRAWS] = 0.0;
      ms_components[record + ms_LOG_SHARE] = ms_components[record + ms_LOG_WEIGHT];
    }
  } else {
    let first = ms_first_of(lane, components);
    let last = ms_first_of(lane + 1u, components);
    var own = 0u;
    for (var k = first; k < last; k++) {
      own += ms_fresh_draws(k, samples);
    }
    let sums = ms_counts_before(lane, own);
    fresh = sums.y;
    var draw = sums.x;
    for (var k = first; k < last; k++) {
      let record = k * ms_RECORD;
      let draws = ms_fresh_draws(k, samples);
      ms_components[record + ms_FIRST_DRAW] = f32(draw);
      ms_components[record + ms_DRAWS] = f32(draws);
      ms_components[record + ms_LOG_SHARE] = log(f32(draws) / f32(fresh));
      draw += draws;
    }
  }
  if (lane == 0u) {
    let room = ms_params.row_capacity - min(fresh, ms_params.row_capacity);
    let reused = min(ms_params.reuse * components, min(ms_control.drawn, room));
    let head = ms_control.drawn % max(ms_params.row_capacity, 1u);
    ms_control.components = components;
    ms_control.fresh = fresh;
    ms_control.rows = reused + fresh;
    ms_control.leaves = (reused + fresh + ms_LEAF - 1u) / ms_LEAF;
    ms_control.first_row = select(head - reused, head + (ms_params.row_capacity - reused), head < reused);
    if (fresh > ms_params.max_evaluations - min(ms_control.evaluations, ms_params.max_evaluations)) {
      ms_control.stop |= ms_STOP_EVALUATIONS;
    }
  }
}
