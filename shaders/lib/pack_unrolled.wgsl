// Numbers one after the other: the head, the mean, L^-1 by rows.
const ms_FACTOR: u32 = DIM * (DIM + 1u) / 2u;
const ms_PACKED: u32 = (3u + DIM + ms_FACTOR + 3u) / 4u;

fn ms_packed_entry(component: u32, at: u32, part: u32) -> f32 {
  let n = 4u * at + part;
  let record = component * ms_RECORD;
  if (n < 3u) {
    return ms_components[record + array<u32, 3>(ms_LOG_NORM, ms_LOG_WEIGHT, ms_LOG_SHARE)[n]];
  }
  if (n < 3u + DIM) {
    return ms_components[record + ms_MEAN + n - 3u];
  }
  if (n < 3u + DIM + ms_FACTOR) {
    return ms_factors[component * 2u * ms_FACTOR + ms_FACTOR + n - 3u - DIM];
  }
  return 0.0;
}
