// Stage 1: the draws of an iteration, from counters alone, so that any kernel can make them again.

// Position of an invocation in the chunk: component-major.
struct ms_Place {
  component: u32,   // 0xffffffff past the end
  sample: u32,
  index: u32,
}

fn ms_chunk_place(workgroup: vec3u, lane: u32) -> ms_Place {
  let index = (workgroup.y * ms_chunk.sample_grid + workgroup.x) * ms_LANES + lane;
  if (index >= ms_chunk.component_count * ms_chunk.sample_count) {
    return ms_Place(0xffffffffu, 0u, index);
  }
  return ms_Place(
    ms_chunk.first_component + index / ms_chunk.sample_count, ms_chunk.first_sample + index % ms_chunk.sample_count, index,
  );
}
