// The places of an ensemble's numbers. Members stand in blocks of ms_LANES, one a lane, so that neighbouring lanes read neighbouring
// numbers whatever the axis of a transform; within a block come the numbers of one member.
//
// Only ky = 0 .. KEPT is stored of a real field's coefficients ("columns", ms_COLUMNS of them), and in each kx = -KEPT .. KEPT
// (ms_WIDTH), which the filter leaves. A field with its x axis transformed back has ms_GRID rows instead.

struct ms_Chunk {
  // Members in this chunk, and where its first one stands in the batch.
  members: u32,
  first: u32,
  // ms_KEPT and ms_GRID again, for the bounds of loops over buffers: bounds that a driver knows it unrolls, and some then compile for
  // minutes (Mesa's lavapipe: 22 s of one loop over 21 numbers, 0.6 s so).
  kept: u32,
  grid: u32,
}

// Coefficient `wave` (kx + KEPT) of a column.
fn ms_mode_place(block: u32, column: u32, wave: u32, lane: u32) -> u32 {
  return ((block * ms_COLUMNS + column) * ms_WIDTH + wave) * ms_LANES + lane;
}

// Row `row` of a column of field 0 (velocity) or 1 (gradient): a vec4f, both signs of ky.
fn ms_field_place(block: u32, field: u32, row: u32, column: u32, lane: u32) -> u32 {
  return (((block * 2u + field) * ms_GRID + row) * ms_COLUMNS + column) * ms_LANES + lane;
}

// Two rows of a column of the product: a vec4f.
fn ms_product_place(block: u32, pair: u32, column: u32, lane: u32) -> u32 {
  return ((block * (ms_GRID / 2u) + pair) * ms_COLUMNS + column) * ms_LANES + lane;
}
