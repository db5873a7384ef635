// Stage 1: the draws of an iteration, from counters alone, so that any kernel can make them again.

// Position of an invocation in the chunk: component-major.
struct ms_Place {
  component: u32,   // 0xffffffff past the end
  sample: u32,
  index: u32,       // of the sample in the chunk's buffers
}

// `rows`: samples of an iteration, of each component or shared; `components`: those that take part.
fn ms_place_among(components: u32, rows: u32, workgroup: vec3u, lane: u32) -> ms_Place {
  let linear = (workgroup.y * ms_chunk.sample_grid + workgroup.x) * ms_LANES + lane;
  let there = min(ms_chunk.sample_count, rows - min(rows, ms_chunk.first_sample));
  let taking = min(ms_chunk.component_count, components - min(components, ms_chunk.first_component));
  if (linear >= taking * there) {
    return ms_Place(0xffffffffu, 0u, linear);
  }
  let component = linear / there;
  let sample = linear % there;
  return ms_Place(ms_chunk.first_component + component, ms_chunk.first_sample + sample, component * ms_chunk.sample_count + sample);
}

// A (component, sample) pair of the chunk.
fn ms_chunk_place(workgroup: vec3u, lane: u32) -> ms_Place {
  return ms_place_among(ms_control.components, ms_control.rows, workgroup, lane);
}

// A row of a shared batch; `component` only says whether it is there.
fn ms_row_place(workgroup: vec3u, lane: u32) -> ms_Place {
  return ms_place_among(1u, ms_control.rows, workgroup, lane);
}

// A fresh row of a shared batch: `sample` counts fresh rows.
fn ms_fresh_place(workgroup: vec3u, lane: u32) -> ms_Place {
  return ms_place_among(1u, ms_control.fresh, workgroup, lane);
}
