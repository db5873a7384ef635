// Kernel C: leaves -> whitened moments -> step, one workgroup a component.

// A failed fit's ridge grows to here. The reference stops at 1e-6, which in float32 mends nothing (see kernels/regress.ts).
const ms_RIDGE_MOST: f32 = 1.0e-2;

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u || workgroup.x >= ms_control.components) {
    return;
  }
  let k = workgroup.x;
  let record = k * ms_RECORD;
  let summary = ms_combine(k, lane);

  let squares = ms_moment_squares(k, lane);

  let enough = summary.usable >= 2.0 && summary.effective >= ms_params.effective_minimum;
  let finite = squares.z == 0.0 && ms_is_finite(squares.x + squares.y);
  var status = select(0u, ms_STATUS_SAMPLES, !enough);
  if (ms_FITTED) {
    status |= u32(ms_components[record + ms_FIT]);
  }
  if (status == 0u && !finite) {
    status = ms_STATUS_MOMENTS;
  }
  let rate = ms_rate(k, lane, squares.xy, finite, status == 0u);
  var mean_rate = rate;
  var covariance_rate = rate;
  if (!ms_TRUST_REGION) {
    mean_rate *= ms_params.mean_ratio;
    covariance_rate = select(rate, 0.0, ms_control.iteration < ms_params.burn);
  }
  if (ms_MEAN_SECOND && ms_components[record + ms_UPDATES] == 0.0) {
    mean_rate = 0.0;
  }
  // The step itself says whether its matrix could be factorised; it changes nothing where it could not.
  let sums = ms_take_step(k, lane, status == 0u, mean_rate, covariance_rate);
  if (lane == 0u) {
    if (status == 0u && sums.z != 0.0) {
      status = ms_STATUS_FACTORISATION;
    }
    let taken = status == 0u;
    // As a number: small integers' bits are subnormal floats, which a device may flush.
    ms_components[record + ms_STATUS] = f32(status);
    ms_components[record + ms_RATE] = rate;
    if (taken) {
      ms_components[record + ms_LOG_NORM] = sums.x;
      ms_components[record + ms_DEVIATION] = sqrt(sums.y / f32(DIM));
    }
    if (ms_OWN_SIZE) {
      ms_components[record + ms_UPDATES] += 1.0;
    } else if (!ms_MATCHED) {
      let factor = ms_components[record + ms_STEP_FACTOR];
      ms_components[record + ms_STEP_FACTOR] = select(max(factor * 0.5, 1.0e-3), min(1.0, factor * 1.25), taken);
    }
    if (ms_FITTED) {
      let ridge = ms_components[record + ms_RIDGE];
      // Too few rows are no fault of the fit.
      let sparse = (status & (ms_STATUS_SAMPLES | ms_STATUS_FEATURES)) != 0u;
      let grown = select(min(ms_RIDGE_MOST, 10.0 * ridge), ridge, sparse);
      ms_components[record + ms_RIDGE] = select(grown, max(0.5 * ridge, ms_params.ridge_first), taken);
    }
  }
}
