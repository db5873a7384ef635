// Stage 8, by one workgroup, after the control kernel: components are removed and added, then the next iteration's rows are allotted.
// Live components are records 0 .. ms_control.components - 1; a removal moves later ones down, in order.
// ms_change: the number of components after the changes; of methods with a fixed number, what it was.

// What the control kernel has left, uniform in the eyes of the compiler.
struct ms_Seen {
  stop: u32,
  components: u32,
  iteration: u32,
  additions: u32,
}

var<workgroup> ms_seen: ms_Seen;
var<workgroup> ms_broadcast: u32;
var<workgroup> ms_counts: array<u32, ms_LANES>;

// Lane 0's number, uniform likewise. Called by all lanes together.
fn ms_same(lane: u32, number: u32) -> u32 {
  if (lane == 0u) {
    ms_broadcast = number;
  }
  return workgroupUniformLoad(&ms_broadcast);
}

fn ms_settle() {
  storageBarrier();
  workgroupBarrier();
}

// (sum of the counts of the lanes before this one, sum of all)
fn ms_counts_before(lane: u32, count: u32) -> vec2u {
  ms_counts[lane] = count;
  workgroupBarrier();
  var sums = vec2u(0u);
  for (var other = 0u; other < ms_LANES; other++) {
    let own = ms_counts[other];
    sums += vec2u(select(0u, own, other < lane), own);
  }
  workgroupBarrier();
  return sums;
}

// First of the neighbouring components that a lane takes where their order matters.
fn ms_first_of(lane: u32, components: u32) -> u32 {
  return min(lane * ((components + ms_LANES - 1u) / ms_LANES), components);
}

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) {
    ms_seen = ms_Seen(ms_control.stop, ms_control.components, ms_control.iteration, ms_control.additions);
  }
  let seen = workgroupUniformLoad(&ms_seen);
  if (seen.stop != 0u) {
    return;
  }
  let components = ms_change(lane, seen);
  ms_settle();
  ms_allot(lane, components);
}
