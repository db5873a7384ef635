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

// A group of samples of one component of the chunk (or of rows of a shared batch): ms_GROUP of them, `step` apart.
struct ms_GroupPlace {
  component: u32,   // 0xffffffff: nobody needs the invocation (or of a shared batch's fresh rows)
  sample: u32,      // the first
  index: u32,       // of the first in the chunk's buffers
  step: u32,
  count: u32,       // of them that are there
}

// As ms_place_among; groups never straddle components. Past the end, where neighbours still need the invocation (ms_needed), it goes along
// with the last group and has nothing to write: its count is 0.
fn ms_group_among(components: u32, rows: u32, workgroup: vec3u, lane: u32) -> ms_GroupPlace {
  let linear = (workgroup.y * ms_chunk.sample_grid + workgroup.x) * ms_LANES + lane;
  let there = min(ms_chunk.sample_count, rows - min(rows, ms_chunk.first_sample));
  let taking = min(ms_chunk.component_count, components - min(components, ms_chunk.first_component));
  let groups = (there + ms_GROUP - 1u) / ms_GROUP;
  if (!ms_needed(linear < taking * groups)) {
    return ms_GroupPlace(0xffffffffu, 0u, 0u, 0u, 0u);
  }
  let number = min(linear, taking * groups - 1u);
  let component = number / groups;
  let first = number % groups;
  return ms_GroupPlace(
    ms_chunk.first_component + component,
    ms_chunk.first_sample + first,
    component * ms_chunk.sample_count + first,
    groups,
    select(0u, (there - first + groups - 1u) / groups, number == linear),
  );
}

// Samples of a group by number; those past its end are its last one again.
fn ms_offset(place: ms_GroupPlace, s: u32) -> u32 {
  return min(s, place.count - 1u) * place.step;
}
