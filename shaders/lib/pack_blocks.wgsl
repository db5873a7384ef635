// The head, the mean by fours, then L^-1 in blocks of 4 x 4 by rows of blocks; see factor_packed.wgsl.
const ms_FACTOR: u32 = DIM * (DIM + 1u) / 2u;
const ms_BLOCK_ROWS: u32 = (DIM + 3u) / 4u;
const ms_PACKED: u32 = 1u + ms_BLOCK_ROWS + 2u * ms_BLOCK_ROWS * (ms_BLOCK_ROWS + 1u);

fn ms_packed_entry(component: u32, at: u32, part: u32) -> f32 {
  let record = component * ms_RECORD;
  if (at == 0u) {
    return select(ms_components[record + array<u32, 4>(ms_LOG_NORM, ms_LOG_WEIGHT, ms_LOG_SHARE, ms_LOG_SHARE)[part]], 0.0, part == 3u);
  }
  if (at <= ms_BLOCK_ROWS) {
    let i = 4u * (at - 1u) + part;
    return select(0.0, ms_components[record + ms_MEAN + min(i, DIM - 1u)], i < DIM);
  }
  // Blocks before row g: g (g + 1) / 2, each of four rows.
  let block = ms_lower_entry((at - 1u - ms_BLOCK_ROWS) / 4u);
  let i = 4u * block.x + (at - 1u - ms_BLOCK_ROWS) % 4u;
  let j = 4u * block.y + part;
  if (i < DIM && j <= i) {
    return ms_factors[component * 2u * ms_FACTOR + ms_FACTOR + i * (i + 1u) / 2u + j];
  }
  return 0.0;
}
