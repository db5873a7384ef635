// Matrix terms of the Stein estimator on listed rows, sum w (eps h^T + h eps^T)/2, as a product of matrices: rows are staged in
// workgroup memory, a lane keeps a block of 4 x 4 entries in registers. Measured 6 times the entry-by-entry form at d = 25.
const ms_BLOCKS: u32 = (DIM + 3u) / 4u;                     // of a side
const ms_BLOCK_PAIRS: u32 = ms_BLOCKS * (ms_BLOCKS + 1u) / 2u;
const ms_TILES: u32 = (ms_BLOCK_PAIRS + ms_LANES - 1u) / ms_LANES;
// Rows: more would save barriers, which does not show, and take drivers long that set workgroup memory to zero in the text.
const ms_STAGED: u32 = max(1u, min(8u, 224u / ms_BLOCKS));

var<workgroup> ms_staged_eps: array<vec4f, ms_STAGED * ms_BLOCKS>;
var<workgroup> ms_staged_slopes: array<vec4f, ms_STAGED * ms_BLOCKS>;   // times the weight

fn ms_matrix_terms(leaf: ms_Leaf, lane: u32, tile: u32, listed: u32, at: u32) {
  let rows = workgroupUniformLoad(&ms_list_count); // `listed`, made uniform in the eyes of the compiler
  // Block pairs in the order of a packed triangle; surplus lanes repeat the last one and write nothing.
  let wanted = tile * ms_LANES + lane;
  let number = min(wanted, ms_BLOCK_PAIRS - 1u);
  let block = ms_lower_entry(number);
  let high = block.x;
  let low = block.y;
  var sums0 = vec4f(0.0);
  var sums1 = vec4f(0.0);
  var sums2 = vec4f(0.0);
  var sums3 = vec4f(0.0);
  for (var first = 0u; first < rows; first += ms_STAGED) {
    for (var e = lane; e < ms_STAGED * ms_BLOCKS; e += ms_LANES) {
      let s = first + e / ms_BLOCKS;
      let axis = 4u * (e % ms_BLOCKS);
      var eps = vec4f(0.0);
      var slopes = vec4f(0.0);
      if (s < rows) {
        let index = leaf.first_index + ms_list[s];
        for (var i = 0u; i < min(4u, DIM - axis); i++) {
          eps[i] = ms_eps[(axis + i) * ms_chunk.stride + index];
          slopes[i] = ms_slopes[(axis + i) * ms_chunk.stride + index];
        }
        slopes *= ms_list_weight[s];
      }
      ms_staged_eps[e] = eps;
      ms_staged_slopes[e] = slopes;
    }
    workgroupBarrier();
    for (var s = 0u; s < min(ms_STAGED, rows - first); s++) {
      let row_eps = ms_staged_eps[s * ms_BLOCKS + high];
      let row_slopes = ms_staged_slopes[s * ms_BLOCKS + high];
      let column_eps = ms_staged_eps[s * ms_BLOCKS + low];
      let column_slopes = ms_staged_slopes[s * ms_BLOCKS + low];
      sums0 += row_eps.x * column_slopes + row_slopes.x * column_eps;
      sums1 += row_eps.y * column_slopes + row_slopes.y * column_eps;
      sums2 += row_eps.z * column_slopes + row_slopes.z * column_eps;
      sums3 += row_eps.w * column_slopes + row_slopes.w * column_eps;
    }
    workgroupBarrier();
  }
  if (wanted >= ms_BLOCK_PAIRS) {
    return;
  }
  var sums = array<vec4f, 4>(sums0, sums1, sums2, sums3);
  for (var a = 0u; a < 4u; a++) {
    for (var b = 0u; b < 4u; b++) {
      let i = 4u * high + a;
      let j = 4u * low + b;
      if (i < DIM && j <= i) {
        ms_parts[at + ms_pair_index(i, j)] = 0.5 * sums[a][b];
      }
    }
  }
}
