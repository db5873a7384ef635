// Matrix terms of a tile, entry by entry: runs of lanes share the rows of one entry.
const ms_TILE: u32 = 1024u;
const ms_TILES: u32 = (ms_PAIRS + ms_TILE - 1u) / ms_TILE;
const ms_MATRIX_RUN: u32 = ms_LANES / ms_MATRIX_SLOTS;

fn ms_matrix_terms(leaf: ms_Leaf, lane: u32, tile: u32, rows: u32, at: u32) {
  let tile_end = min((tile + 1u) * ms_TILE, ms_PAIRS);
  for (var block = tile * ms_TILE; block < (tile + 1u) * ms_TILE; block += ms_MATRIX_SLOTS) {
    if (!ms_TERMS || block >= tile_end) {
      break;
    }
    let p = block + lane / ms_MATRIX_RUN;
    var sum = 0.0;
    if (p < tile_end) {
      let pair = ms_pair(p);
      for (var s = lane % ms_MATRIX_RUN; s < rows; s += ms_MATRIX_RUN) {
        let row = ms_sample_row(leaf, ms_listed(s));
        let weight = ms_listed_weight(leaf, row, s);
        if (weight > 0.0) {
          sum += ms_matrix_term(leaf, row, weight, leaf.first_index + ms_listed(s), pair, p);
        }
      }
    }
    sum = ms_sum_runs(lane, ms_MATRIX_RUN, sum);
    if (p < tile_end && lane % ms_MATRIX_RUN == 0u) {
      ms_parts[at + p] = sum;
    }
  }
}
