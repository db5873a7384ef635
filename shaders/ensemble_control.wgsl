// End of an ensemble's iteration: time, counters, stop flag, and one row of the trace. One workgroup; ms_INVERSION: ends at time 1 where
// the step is adaptive.

const ms_STOP_ITERATIONS: u32 = 1u;
const ms_STOP_EVALUATIONS: u32 = 2u;
const ms_STOP_SETTLED: u32 = 8u;
const ms_STOP_NO_VALUES: u32 = 32u;

const ms_TRACE_ROW: u32 = 11u;

var<workgroup> ms_stop: u32;

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) {
    ms_stop = ms_control.stop;
  }
  if (workgroupUniformLoad(&ms_stop) != 0u) {
    return;
  }
  var widest = 0.0;
  for (var axis = lane; axis < DIM; axis += ms_LANES) {
    widest = max(widest, ms_ensemble[ms_ENSEMBLE_DEVIATION + axis]);
  }
  widest = ms_largest(lane, widest, lane).value;
  if (lane > 0u) {
    return;
  }
  let members = ms_params.samples;
  let successful = ms_ensemble[ms_ENSEMBLE_SUCCESSFUL];
  // One alone has no spread to go by.
  let some = successful >= 2.0;
  let failed = f32(members) - successful;
  let step = select(0.0, ms_ensemble[ms_ENSEMBLE_STEP], some);
  let time = ms_ensemble[ms_ENSEMBLE_TIME];
  let settled = ms_INVERSION && some && ms_params.rate == 0.0 && step >= 1.0 - time;
  ms_ensemble[ms_ENSEMBLE_TIME] = select(time + step, 1.0, settled);

  let iteration = ms_control.iteration + 1u;
  let evaluations = ms_control.evaluations + members;
  let spread = ms_ensemble[ms_ENSEMBLE_SPREAD];
  let best = max(-ms_ensemble[ms_ENSEMBLE_LOWEST], ms_NO_VALUE);
  let row = (ms_control.trace_count % ms_TRACE_ROWS) * ms_TRACE_ROW;
  ms_trace[row] = f32(iteration);
  ms_trace[row + 1u] = ms_control.temperature;
  ms_trace[row + 2u] = spread;
  ms_trace[row + 3u] = best;
  ms_trace[row + 4u] = select(ms_NO_VALUE, -ms_ensemble[ms_ENSEMBLE_MISFIT], some);
  ms_trace[row + 5u] = step;
  ms_trace[row + 6u] = successful;
  ms_trace[row + 7u] = failed;
  ms_trace[row + 8u] = widest;
  ms_trace[row + 9u] = f32(ms_control.components);
  ms_trace[row + 10u] = f32(ms_control.removals);

  ms_control.iteration = iteration;
  ms_control.round += 1u;
  ms_control.evaluations = evaluations;
  ms_control.spread = spread;
  ms_control.best = best;
  ms_control.non_finite += u32(failed);
  ms_control.trace_count += 1u;
  ms_control.drawn += members;

  var stop = 0u;
  if (iteration >= ms_params.max_iterations) {
    stop |= ms_STOP_ITERATIONS;
  }
  if (evaluations > ms_params.max_evaluations - min(members, ms_params.max_evaluations)) {
    stop |= ms_STOP_EVALUATIONS;
  }
  if (settled) {
    stop |= ms_STOP_SETTLED;
  }
  if (!some) {
    stop |= ms_STOP_NO_VALUES;
  }
  ms_control.stop = stop;
}
