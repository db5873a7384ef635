fn ms_packed_block(at: u32) -> mat4x4f {
  return mat4x4f(ms_packed[at], ms_packed[at + 1u], ms_packed[at + 2u], ms_packed[at + 3u]);
}
