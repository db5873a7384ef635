// The normals of an iteration, each component's made to have mean 0 and covariance I: sum_j z_j = 0, (1/J) sum_j z_j z_j^T = I
// (GMBBVI, arXiv 2601.14855). These are R^-1 (z - mean), R R^T their covariance. R is not formed: it is the triangle that an
// orthonormal basis of the coordinates' rows leaves behind, found beside a row of ones by Gram-Schmidt, each row twice (Giraud,
// Langou, Rozloznik, "The loss of orthogonality in the Gram-Schmidt orthogonalization process", 2005). Where J is hardly more than d
// the covariance's own Cholesky factor would have lost its last rows. One workgroup a component of the chunk, which holds all J.

var<workgroup> ms_share: array<f32, DIM + 1u>;

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = ms_chunk.first_component + workgroup.x;
  if (ms_control.stop != 0u || workgroup.x >= ms_chunk.component_count || k >= ms_control.components) {
    return;
  }
  let count = ms_chunk.sample_count;
  let first = workgroup.x * count;
  for (var s = lane; s < count; s += ms_LANES) {
    let eps = ms_draw_normals(ms_chunk.first_sample + s, k);
    for (var i = 0u; i < DIM; i++) {
      ms_eps[i * ms_chunk.stride + first + s] = eps[i];
    }
  }
  storageBarrier();
  workgroupBarrier();
  for (var i = 0u; i < DIM; i++) {
    let row = i * ms_chunk.stride + first;
    for (var turn = 0u; turn < 2u; turn++) {
      // Its share of each row before it, and of the ones.
      for (var m = lane; m <= i; m += ms_LANES) {
        var sum = 0.0;
        for (var s = 0u; s < count; s++) {
          sum += ms_eps[row + s] * select(ms_eps[m * ms_chunk.stride + first + s], 1.0, m == i);
        }
        ms_share[m] = sum / f32(count);
      }
      workgroupBarrier();
      for (var s = lane; s < count; s += ms_LANES) {
        var rest = ms_eps[row + s] - ms_share[i];
        for (var m = 0u; m < i; m++) {
          rest -= ms_share[m] * ms_eps[m * ms_chunk.stride + first + s];
        }
        ms_eps[row + s] = rest;
      }
      storageBarrier();
      workgroupBarrier();
    }
    var square = 0.0;
    for (var s = lane; s < count; s += ms_LANES) {
      square += ms_eps[row + s] * ms_eps[row + s];
    }
    square = ms_scalar_sum(lane, square);
    let scale = sqrt(f32(count) / max(square, 1.0e-30));
    for (var s = lane; s < count; s += ms_LANES) {
      ms_eps[row + s] *= scale;
    }
    storageBarrier();
    workgroupBarrier();
  }
}
