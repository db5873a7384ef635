// One workgroup a segment, one invocation a node of the level that has been counted (of level 0: a 256th of its bins): ranks of its bins in
// order, and of each either a node of the next level or the mean utility of the ranks that its samples share.

const ms_CLEAR: u32 = 1u;
const ms_NO_NODE: u32 = 0xffffffffu;
// Logarithms of ranks up to here are summed one by one.
const ms_FEW: u32 = 16u;

var<workgroup> ms_before: array<u32, ms_NODES>;
var<workgroup> ms_nodes: array<u32, ms_NODES + 1u>;

// Mean of log r over the ranks r = first + 1 .. first + count. Beyond the first few: the integral over [r - 1/2, r + 1/2], which lacks
// 1 / (24 r^2) (and 7e-3 / r^4) of each log r.
fn ms_mean_log(first: u32, count: u32) -> f32 {
  let few = min(count, ms_FEW - min(first, ms_FEW));
  var sum = 0.0;
  for (var rank = first + 1u; rank <= first + few; rank++) {
    sum += log(f32(rank));
  }
  if (few == count) {
    return sum / f32(count);
  }
  let begin = f32(first + few) + 0.5;
  let end = f32(first + count) + 0.5;
  let rest = f32(count - few);
  let h = rest / (begin + end);
  let q = h * h;
  var curved = -q * (1.0 / 6.0 + q * (1.0 / 20.0 + q * (1.0 / 42.0 + q / 72.0)));
  if (h > 0.25) {
    curved = ((1.0 + h) * log(1.0 + h) - (1.0 - h) * log(1.0 - h)) / (2.0 * h) - 1.0;
  }
  return (sum + rest * (log(0.5 * (begin + end)) + curved + 1.0 / (24.0 * begin * end))) / f32(count);
}

// Of the ranks first + 1 .. first + count; those behind exp(offset) earn nothing.
fn ms_mean_utility(first: u32, count: u32) -> f32 {
  let last = u32(exp(min(ms_params.utility_offset, 22.0)));
  let paid = min(count, max(last, first) - first);
  var earned = 0.0;
  if (paid > 0u) {
    earned = max(0.0, ms_params.utility_offset - ms_mean_log(first, paid)) * (f32(paid) / f32(count));
  }
  return earned * ms_params.utility_scale - ms_params.utility_shift;
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let segment = workgroup.y * ms_step.grid_width + workgroup.x;
  if (ms_control.stop != 0u || segment >= ms_step.segments) {
    return;
  }
  let level = ms_step.level;
  let words = segment * ms_WORDS;
  let bins = select(1u << ms_BITS[level], (1u << ms_BITS[0]) / ms_NODES, level == 0u);
  let first = words + ms_FIRST_BIN[level] + lane * bins;
  if (ms_step.task == ms_CLEAR) {
    for (var bin = first; bin < first + bins; bin++) {
      atomicStore(&ms_order[bin], 0u);
    }
    return;
  }
  var before = 0u;
  if (level > 0u) {
    before = atomicLoad(&ms_order[words + ms_BEFORE + (level - 1u) * ms_NODES + lane]);
  }
  let there = before != ms_NO_NODE;
  let deepest = level + 1u == ms_LEVELS;
  var samples = 0u;
  var nodes = 0u;
  if (there) {
    for (var bin = first; bin < first + bins; bin++) {
      let count = atomicLoad(&ms_order[bin]);
      samples += count;
      nodes += u32(!deepest && count * ms_NODES > ms_step.count);
    }
  }
  ms_before[lane] = samples;
  ms_nodes[lane] = nodes;
  workgroupBarrier();
  if (lane == 0u) {
    var all_before = 0u;
    var all_nodes = 0u;
    for (var i = 0u; i < ms_NODES; i++) {
      let here = vec2u(ms_before[i], ms_nodes[i]);
      ms_before[i] = all_before;
      ms_nodes[i] = all_nodes;
      all_before += here.x;
      all_nodes += here.y;
    }
    ms_nodes[ms_NODES] = all_nodes;
  }
  workgroupBarrier();
  if (level == 0u) {
    before = ms_before[lane];
  }
  var node = ms_nodes[lane];
  if (there) {
    for (var bin = first; bin < first + bins; bin++) {
      let count = atomicLoad(&ms_order[bin]);
      if (!deepest && count * ms_NODES > ms_step.count) {
        atomicStore(&ms_order[bin], 2u * node + 1u);
        atomicStore(&ms_order[words + ms_BEFORE + level * ms_NODES + node], before);
        let child = words + ms_FIRST_BIN[level + 1u] + (node << ms_BITS[level + 1u]);
        for (var i = 0u; i < (1u << ms_BITS[level + 1u]); i++) {
          atomicStore(&ms_order[child + i], 0u);
        }
        node++;
      } else if (count > 0u) {
        atomicStore(&ms_order[bin], bitcast<u32>(ms_mean_utility(before, count)) & 0xfffffffeu);
      }
      before += count;
    }
  }
  if (!deepest && lane >= ms_nodes[ms_NODES]) {
    atomicStore(&ms_order[words + ms_BEFORE + level * ms_NODES + lane], ms_NO_NODE);
  }
}
