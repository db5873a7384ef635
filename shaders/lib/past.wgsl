// The store of past samples: a thinned record of all rows drawn since the start, numbered i = 0, 1, 2, ... Of R = ms_params.past_rows
// slots (a power of two), row i < R takes slot i. While R 2^(e-1) <= i < R 2^e, e = 1, 2, ..., only multiples of 2^e are kept; they take
// the slots of the odd multiples of 2^(e-1), which go. So when epoch e is over the store holds the multiples of 2^e, and within it every
// slot is taken once. Rows that share a slot are at least R - 1 apart: a batch of up to R - 1 rows writes without conflict.

// The slot of row i, 0xffffffff where it is not kept.
fn ms_past_slot(i: u32) -> u32 {
  let rows = ms_params.past_rows;
  if (rows == 0u) {
    return 0xffffffffu;
  }
  // Row i = R 2^(e-1) + t 2^e follows row 2^(e-1) (2 t + 1) = i - (R - 1) 2^(e-1), which is kept if i is. z = e - 1.
  var row = i;
  while (row >= rows) {
    let z = firstLeadingBit(row) - firstLeadingBit(rows);
    if ((row & ((2u << z) - 1u)) != 0u) {
      return 0xffffffffu;
    }
    row -= (rows - 1u) << z;
  }
  return row;
}

// Slots filled after `drawn` rows: a row that comes later takes the place of another.
fn ms_past_count(drawn: u32) -> u32 {
  return min(drawn, ms_params.past_rows);
}

// Whether an iteration that has just ended is one after which a component is added.
fn ms_adds_after(iteration: u32) -> bool {
  return ms_params.add_every > 0u && iteration > 1u && iteration % max(ms_params.add_every, 1u) == 0u;
}
