// Stages 6 to 8 for all components, by one workgroup: weights, temperature, counters, stop flag, and one row of the trace.

const ms_STOP_ITERATIONS: u32 = 1u;
const ms_STOP_EVALUATIONS: u32 = 2u;
const ms_STOP_TEMPERATURE: u32 = 4u;
const ms_STOP_SETTLED: u32 = 8u;
const ms_STOP_TARGET: u32 = 16u;
const ms_STOP_NO_VALUES: u32 = 32u;

const ms_TRACE_ROW: u32 = 11u;

var<workgroup> ms_stopped: u32;

// log sum exp of a number each lane holds as (largest, sum of exp relative to it).
fn ms_log_sum(lane: u32, largest: f32, sum: f32) -> f32 {
  let top = ms_largest(lane, largest, lane).value;
  return top + log(max(ms_scalar_sum(lane, sum * ms_exp(largest - top)), 1.0e-37));
}

// Weights sum to one, and none is below the floor. Loops here and below keep one copy of what drivers set in where it is called.
fn ms_floor_weights(lane: u32, least: f32) {
  for (var turn = 0u; turn < 2u; turn++) {
    storageBarrier();
    workgroupBarrier();
    ms_normalise_weights(lane);
    if (turn == 0u) {
      for (var k = lane; k < ms_control.components; k += ms_LANES) {
        ms_components[k * ms_RECORD + ms_LOG_WEIGHT] = max(ms_components[k * ms_RECORD + ms_LOG_WEIGHT], least);
      }
    }
  }
}

fn ms_normalise_weights(lane: u32) {
  var top = ms_NO_VALUE;
  var sum = 0.0;
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let logit = ms_components[k * ms_RECORD + ms_LOG_WEIGHT];
    if (logit > top) {
      sum = sum * ms_exp(top - logit) + 1.0;
      top = logit;
    } else {
      sum += ms_exp(logit - top);
    }
  }
  let total = ms_log_sum(lane, top, sum);
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    ms_components[k * ms_RECORD + ms_LOG_WEIGHT] -= total;
  }
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) {
    ms_stopped = ms_control.stop;
  }
  if (workgroupUniformLoad(&ms_stopped) != 0u) {
    return;
  }

  // Pooled over components: counts and means; the extremes.
  var pooled: array<vec4f, 2>;
  var extremes = vec2f(ms_NO_VALUE, 0.0); // the best value, and the widest component
  for (var k = lane; k < ms_control.components; k += ms_LANES) {
    let record = k * ms_RECORD;
    let stepped = ms_components[record + ms_STATUS] == 0.0;
    let usable = ms_components[record + ms_USABLE];
    let value = ms_components[record + ms_VALUE];
    if (usable > 0.0) {
      pooled[0] += select(vec4f(0.0, 0.0, 0.0, usable), vec4f(ms_components[record + ms_VARIANCE], 1.0, value, usable), value != ms_NO_VALUE);
    }
    pooled[1] += vec4f(select(1.0, 0.0, stepped), ms_components[record + ms_RATE], ms_components[record + ms_EFFECTIVE], 0.0);
    extremes = max(extremes, vec2f(ms_components[record + ms_BEST], ms_components[record + ms_DEVIATION]));
  }
  for (var i = 0u; i < 2u; i++) {
    pooled[i] = ms_sum(lane, pooled[i]);
    extremes[i] = ms_largest(lane, extremes[i], lane).value;
  }
  let sums = pooled[0];
  let more = pooled[1];
  let best = extremes.x;
  let widest = extremes.y;
  let valued = max(sums.y, 1.0);
  let spread = sqrt(max(sums.x / valued, 0.0));

  let value = ms_weigh(lane, sums.z / valued);

  if (lane == 0u) {
    let temperature = ms_control.temperature;
    let iteration = ms_control.iteration + 1u;
    let made = select(ms_params.evaluations_per_iteration, ms_control.fresh, ms_SHARED_BATCH);
    let evaluations = ms_control.evaluations + made;
    let row = (ms_control.trace_count % ms_TRACE_ROWS) * ms_TRACE_ROW;
    ms_trace[row] = f32(iteration);
    ms_trace[row + 1u] = temperature;
    ms_trace[row + 2u] = spread;
    ms_trace[row + 3u] = best;
    ms_trace[row + 4u] = value;
    ms_trace[row + 5u] = more.y / f32(ms_control.components);
    ms_trace[row + 6u] = more.z / f32(ms_control.components);
    ms_trace[row + 7u] = more.x;
    ms_trace[row + 8u] = widest;
    ms_trace[row + 9u] = f32(ms_control.components);
    ms_trace[row + 10u] = f32(ms_control.removals);

    let next = max(ms_next_temperature(temperature, iteration, spread), ms_params.temperature_floor);
    ms_control.iteration = iteration;
    ms_control.round += 1u;
    ms_control.evaluations = evaluations;
    ms_control.temperature = next;
    ms_control.spread = spread;
    // A component that held it may be gone.
    ms_control.best = max(ms_control.best, best);
    ms_control.non_finite += ms_unusable(sums.w, made);
    ms_control.failures += u32(more.x);
    ms_control.trace_count += 1u;
    ms_control.drawn += ms_control.fresh;

    var stop = 0u;
    if (iteration >= ms_params.max_iterations) {
      stop |= ms_STOP_ITERATIONS;
    }
    // Where the next iteration's rows are allotted after this, that decides.
    if (!ms_ALLOTTED && evaluations > ms_params.max_evaluations - min(made, ms_params.max_evaluations)) {
      stop |= ms_STOP_EVALUATIONS;
    }
    if (next < ms_params.final_temperature) {
      stop |= ms_STOP_TEMPERATURE;
    }
    if (widest < ms_params.settled_deviation) {
      stop |= ms_STOP_SETTLED;
    }
    if (ms_params.has_target != 0u && best >= ms_params.target_value) {
      stop |= ms_STOP_TARGET;
    }
    if (sums.w == 0.0) {
      stop |= ms_STOP_NO_VALUES;
    }
    ms_control.stop = stop;
  }
}
