// Solves a component's quadratic fit, refines it once on the rows themselves, and writes the whitened moments that it stands for:
// f ~ 1/2 z^T G z + g^T z + c. One workgroup a component.

// Added to the diagonal of the Gram matrix, relative to it, where the ridge is less: with a smaller one float32 may lose a pivot.
// The refinement works with the ridge itself and takes the difference out again, wherever the rows determine the fit.
const ms_LEAST_RIDGE: f32 = 1.0e-5;

// Parts of ms_fit, a component: coefficients; right side, then solution; diagonal of the Gram matrix; weighted residuals.
const ms_FIT_SIDE: u32 = ms_FEATURES;
const ms_FIT_DIAGONAL: u32 = 2u * ms_FEATURES;
const ms_FIT_RESIDUALS: u32 = 3u * ms_FEATURES;

const ms_RUN: u32 = ms_LANES / ms_SLOTS;

var<private> ms_gram_base: u32;
var<private> ms_fit_base: u32;

// In the plain features z_a z_b, z_a, 1 every coefficient but the constant's counts the same.
fn ms_penalty(column: ms_Column) -> f32 {
  return select(column.scale * column.scale, 0.0, column.a == DIM);
}

// The fit at a row of the chunk's buffers.
fn ms_fitted(index: u32) -> f32 {
  var sum = ms_fit[ms_fit_base + ms_FEATURES - 1u];
  var p = ms_fit_base;
  for (var a = 0u; a < DIM; a++) {
    let z = ms_eps[a * ms_chunk.stride + index];
    var slope = ms_fit[ms_fit_base + ms_PAIRS + a];
    if (ms_FULL) {
      for (var b = 0u; b < a; b++) {
        slope += ms_fit[p] * ms_eps[b * ms_chunk.stride + index];
        p++;
      }
    }
    sum += slope * z + ms_fit[p] * ms_HALF_ROOT * (z * z - 1.0);
    p++;
  }
  return sum;
}

fn ms_feature_coordinate(index: u32, i: u32) -> f32 {
  if (i < DIM) {
    return ms_eps[i * ms_chunk.stride + index];
  }
  return 1.0;
}

// What the fit so far leaves over, as a right side.
fn ms_residual_side(lane: u32, offset: u32, count: u32, ridge: f32) {
  for (var n = lane; n < count; n += ms_LANES) {
    let row = ms_row_of(offset, n);
    let root = bitcast<f32>(row.y);
    ms_fit[ms_fit_base + ms_FIT_RESIDUALS + n] = root * root * (bitcast<f32>(row.z) - ms_fitted(row.x));
  }
  ms_solve_barrier();
  for (var block = 0u; block < ms_FEATURES; block += ms_SLOTS) {
    let f = block + lane / ms_RUN;
    var sum = 0.0;
    let column = ms_column(f);
    if (f < ms_FEATURES) {
      for (var n = lane % ms_RUN; n < count; n += ms_RUN) {
        let index = ms_row_of(offset, n).x;
        let entry = ms_feature_coordinate(index, column.a) * ms_feature_coordinate(index, column.b) - column.shift;
        sum += ms_fit[ms_fit_base + ms_FIT_RESIDUALS + n] * entry;
      }
    }
    sum = ms_sum_runs(lane, ms_RUN, sum);
    if (f < ms_FEATURES && lane % ms_RUN == 0u) {
      ms_fit[ms_fit_base + ms_FIT_SIDE + f] = sum * column.scale - ridge * ms_penalty(column) * ms_fit[ms_fit_base + f];
    }
  }
  ms_solve_barrier();
}

// Entry p of the moments: g, then the pairs of G.
fn ms_moment(p: u32, scale: f32) -> f32 {
  if (p < DIM) {
    return scale * ms_fit[ms_fit_base + ms_PAIRS + p];
  }
  let column = ms_column(p - DIM);
  return scale * select(1.0, 2.0 * ms_HALF_ROOT, column.a == column.b) * ms_fit[ms_fit_base + p - DIM];
}

@compute @workgroup_size(ms_LANES)
fn ms_main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let offset = workgroup.y * workgroups.x + workgroup.x;
  let component = ms_chunk.first_component + offset;
  if (ms_control.stop != 0u || offset >= ms_chunk.component_count || component >= ms_control.components) {
    return;
  }
  let record = component * ms_RECORD;
  let moments = component * (DIM + ms_PAIRS);
  let header = ms_header_of(offset);
  let count = header.x;
  if (count == 0u) {
    for (var p = lane; p < DIM + ms_PAIRS; p += ms_LANES) {
      ms_moments[moments + p] = 0.0;
    }
    if (lane == 0u) {
      ms_components[record + ms_FIT] = f32(ms_STATUS_FEATURES);
    }
    return;
  }

  ms_gram_base = offset * ms_GRAM;
  ms_fit_base = offset * (ms_FIT_RESIDUALS + ms_chunk.sample_count);
  let ridge = max(ms_components[record + ms_RIDGE], 0.0);
  for (var f = lane; f < ms_FEATURES; f += ms_LANES) {
    let diagonal = ms_gram[ms_gram_at(f, f)];
    ms_fit[ms_fit_base + f] = 0.0;
    ms_fit[ms_fit_base + ms_FIT_SIDE + f] = ms_gram[ms_gram_at(ms_FEATURES, f)];
    ms_fit[ms_fit_base + ms_FIT_DIAGONAL + f] = diagonal;
    ms_gram[ms_gram_at(f, f)] = diagonal + max(ridge * ms_penalty(ms_column(f)), ms_LEAST_RIDGE * diagonal);
  }
  ms_solve_barrier();
  var sound = ms_factorise_gram(lane);
  for (var round = 0u; round < 2u; round++) {
    if (round > 0u) {
      ms_residual_side(lane, offset, count, ridge);
    }
    ms_substitute(lane, ms_fit_base + ms_FIT_SIDE);
    for (var f = lane; f < ms_FEATURES; f += ms_LANES) {
      ms_fit[ms_fit_base + f] += ms_fit[ms_fit_base + ms_FIT_SIDE + f];
    }
    ms_solve_barrier();
  }

  let scale = bitcast<f32>(header.y);
  var unusable = 0.0;
  for (var p = lane; p < DIM + ms_PAIRS; p += ms_LANES) {
    unusable += select(1.0, 0.0, ms_is_usable(ms_moment(p, scale)));
  }
  sound = ms_scalar_sum(lane, unusable) == 0.0 && sound;
  for (var p = lane; p < DIM + ms_PAIRS; p += ms_LANES) {
    ms_moments[moments + p] = select(0.0, ms_moment(p, scale), sound);
  }
  if (lane == 0u) {
    ms_components[record + ms_FIT] = select(f32(ms_STATUS_FIT), 0.0, sound);
  }
}
