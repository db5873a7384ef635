fn ms_packed_block(at: u32) -> mat4x4f {
  let mine = ms_packed[at + ms_turn];
  return mat4x4f(quadBroadcast(mine, 0u), quadBroadcast(mine, 1u), quadBroadcast(mine, 2u), quadBroadcast(mine, 3u));
}
