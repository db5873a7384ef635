// Ranks by value, best first, within each segment (a component, or the whole batch), and the utilities they earn.
// A bitonic sort (Batcher 1968) of (key, index) pairs: blocks of ms_BLOCK (a power of two) in workgroup memory, wider strides through storage.
// Ties keep the order of their indices; samples without a usable value come last and earn nothing.

const ms_PAST_END: u32 = 0xffffffffu;

// One step of the network. Local steps run the merges first_width .. last_width as far as they stay inside a block.
struct ms_SortStep {
  local: u32,
  first_width: u32,
  last_width: u32,
  stride: u32,        // of a step through storage
  from_values: u32,   // the first step reads the values, the others the sort buffer
  to_utilities: u32,  // the last step hands out the utilities
  segments: u32,
  count: u32,         // samples a segment
  padded: u32,        // the next power of two, at least ms_BLOCK
  grid_width: u32,
}

var<workgroup> ms_block: array<vec2u, ms_BLOCK>;

fn ms_comes_after(a: vec2u, b: vec2u) -> bool {
  return a.x > b.x || (a.x == b.x && a.y > b.y);
}

fn ms_load(segment: u32, position: u32) -> vec2u {
  if (ms_step.from_values == 0u) {
    return ms_order[segment * ms_step.padded + position];
  }
  if (position >= ms_step.count) {
    return vec2u(ms_PAST_END);
  }
  return vec2u(ms_descending_key(ms_values[segment * ms_step.count + position].y), position);
}

fn ms_store(segment: u32, position: u32, entry: vec2u) {
  if (ms_step.to_utilities == 0u) {
    ms_order[segment * ms_step.padded + position] = entry;
    return;
  }
  if (entry.y != ms_PAST_END) {
    let index = segment * ms_step.count + entry.y;
    let utility = max(0.0, ms_params.utility_offset - log(f32(position + 1u))) * ms_params.utility_scale - ms_params.utility_shift;
    ms_values[index].w = select(utility, 0.0, ms_values[index].x == ms_NO_VALUE);
  }
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let linear = workgroup.y * ms_step.grid_width + workgroup.x;
  let blocks = ms_step.padded / ms_BLOCK;
  if (linear >= ms_step.segments * blocks) {
    return;
  }
  let segment = linear / blocks;
  let first = (linear % blocks) * ms_BLOCK;
  if (ms_step.local == 0u) {
    // Each workgroup takes ms_BLOCK / 2 pairs.
    for (var t = lane; t < ms_BLOCK / 2u; t += ms_LANES) {
      let pair = first / 2u + t;
      let low = 2u * ms_step.stride * (pair / ms_step.stride) + pair % ms_step.stride;
      let a = ms_load(segment, low);
      let b = ms_load(segment, low + ms_step.stride);
      if (ms_comes_after(a, b) == ((low & ms_step.first_width) == 0u)) {
        ms_store(segment, low, b);
        ms_store(segment, low + ms_step.stride, a);
      }
    }
    return;
  }
  for (var t = lane; t < ms_BLOCK; t += ms_LANES) {
    ms_block[t] = ms_load(segment, first + t);
  }
  workgroupBarrier();
  for (var width = ms_step.first_width; width <= ms_step.last_width; width *= 2u) {
    for (var stride = min(width, ms_BLOCK) / 2u; stride > 0u; stride /= 2u) {
      for (var t = lane; t < ms_BLOCK / 2u; t += ms_LANES) {
        let low = 2u * stride * (t / stride) + t % stride;
        let a = ms_block[low];
        let b = ms_block[low + stride];
        if (ms_comes_after(a, b) == (((first + low) & width) == 0u)) {
          ms_block[low] = b;
          ms_block[low + stride] = a;
        }
      }
      workgroupBarrier();
    }
  }
  for (var t = lane; t < ms_BLOCK; t += ms_LANES) {
    ms_store(segment, first + t, ms_block[t]);
  }
}
