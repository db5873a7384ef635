// A histogram of keys in four levels: 4096 bins by their first 12 bits, then, of bins that hold more than 1/ms_NODES of the samples, 7, 7 and
// 6 bits more. Fewer than ms_NODES of a level can be such. A segment has its words one level after the other: a bin's count while the level is
// being counted, then either its node in the next level (odd) or the utility of the samples in it (a float whose last bit is 0).

const ms_NODES: u32 = 256u;
const ms_LEVELS: u32 = 4u;
const ms_FIRST_BIN = array<u32, 4>(0u, 4096u, 36864u, 69632u);
const ms_BITS = array<u32, 4>(12u, 7u, 7u, 6u);
const ms_BITS_BELOW = array<u32, 4>(20u, 13u, 6u, 0u);
// Samples before those of a node, of levels 1 to 3.
const ms_BEFORE: u32 = 86016u;
const ms_WORDS: u32 = 86784u;

struct ms_RankStep {
  task: u32,
  level: u32,
  segments: u32,
  count: u32,         // samples a segment
  grid_width: u32,
  spare0: u32,
  spare1: u32,
  spare2: u32,
}

fn ms_bin_of(level: u32, node: u32, key: u32) -> u32 {
  return ms_FIRST_BIN[level] + (node << ms_BITS[level]) + ((key >> ms_BITS_BELOW[level]) & ((1u << ms_BITS[level]) - 1u));
}
