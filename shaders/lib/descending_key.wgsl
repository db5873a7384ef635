// A key whose unsigned order is the descending order of the value.
fn ms_descending_key(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let ascending = select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
  return ~ascending;
}
