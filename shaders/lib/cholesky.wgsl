// Cholesky in place on the work triangle, by one workgroup: right-looking, one column at a time.

const ms_PIVOT_TOLERANCE: f32 = 1.0e-6;

var<workgroup> ms_vector: array<f32, DIM>;
var<workgroup> ms_first_failure: u32;

// 0, or the number (from 1) of the first column whose pivot was not positive, as LAPACK's info. The pivot is tested before its
// root is taken; a failed column goes on with pivot 1 so that the control flow stays uniform. Where ms_least_pivot says what no pivot can be
// below, rounding is held to that.
fn ms_cholesky(lane: u32) -> u32 {
  for (var i = lane; i < DIM; i += ms_LANES) {
    ms_vector[i] = ms_work_get(i * (i + 1u) / 2u + i);
  }
  if (lane == 0u) {
    ms_first_failure = 0u;
  }
  ms_work_barrier();
  for (var c = 0u; c < DIM; c++) {
    let diagonal = c * (c + 1u) / 2u + c;
    let pivot = ms_work_get(diagonal);
    let least = ms_least_pivot();
    let sound = ms_is_finite(pivot) && (least > 0.0 || (pivot > ms_PIVOT_TOLERANCE * ms_vector[c] && pivot > 1.0e-30));
    let root = sqrt(select(1.0, max(pivot, least), sound));
    for (var r = c + 1u + lane; r < DIM; r += ms_LANES) {
      let at = r * (r + 1u) / 2u + c;
      ms_work_set(at, ms_work_get(at) / root);
    }
    ms_work_barrier();
    if (lane == 0u) {
      ms_work_set(diagonal, root);
      if (!sound && ms_first_failure == 0u) {
        ms_first_failure = c + 1u;
      }
    }
    for (var r = c + 1u + lane; r < DIM; r += ms_LANES) {
      let row = r * (r + 1u) / 2u;
      let own = ms_work_get(row + c);
      for (var s = c + 1u; s <= r; s++) {
        ms_work_set(row + s, ms_work_get(row + s) - own * ms_work_get(s * (s + 1u) / 2u + c));
      }
    }
    ms_work_barrier();
  }
  return workgroupUniformLoad(&ms_first_failure);
}
