// The rows that take part in a component's quadratic fit, in their order, with weights that sum to 1 and values centred and scaled.
// Most rows of a shared batch have next to no weight for a given component. One workgroup a component.

// Share of the weight that the rows left out may carry together.
const ms_NEGLIGIBLE: f32 = 1.0e-6;

var<workgroup> ms_kept: array<u32, ms_LANES>;

struct ms_Row {
  weight: f32,   // 0: takes no part
  value: f32,
}

fn ms_read_row(component: u32, row: u32) -> ms_Row {
  let values = ms_values[ms_value_index(component, row)];
  let weight = ms_importance(component, row);
  let usable = values.x != ms_NO_VALUE && ms_is_usable(values.y) && ms_is_finite(weight) && weight > 0.0;
  return ms_Row(select(0.0, weight, usable), select(0.0, values.y, usable));
}

@compute @workgroup_size(ms_LANES)
fn ms_main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let offset = workgroup.y * workgroups.x + workgroup.x;
  let component = ms_chunk.first_component + offset;
  if (ms_control.stop != 0u || offset >= ms_chunk.component_count || component >= ms_control.components) {
    return;
  }
  let rows = ms_control.rows;

  // Weights are taken relative to the largest, whose square might overflow.
  var largest = 0.0;
  for (var row = lane; row < rows; row += ms_LANES) {
    largest = max(largest, ms_read_row(component, row).weight);
  }
  largest = max(ms_largest(lane, largest, lane).value, 1.0e-37);
  var sums = vec4f(0.0);
  for (var row = lane; row < rows; row += ms_LANES) {
    let weight = ms_read_row(component, row).weight / largest;
    sums += vec4f(weight, weight * weight, 0.0, 0.0);
  }
  sums = ms_sum(lane, sums);
  let effective = sums.x * sums.x / max(sums.y, 1.0e-30);
  let least = max(largest * (ms_NEGLIGIBLE * sums.x / f32(max(rows, 1u))), 1.0e-38);

  // The mean of the values: around a first mean and once more, which takes the rounding of a large common value out.
  var first = vec4f(0.0);
  for (var row = lane; row < rows; row += ms_LANES) {
    let entry = ms_read_row(component, row);
    if (entry.weight >= least) {
      let weight = entry.weight / largest;
      first += vec4f(weight, weight * entry.value, 0.0, 0.0);
    }
  }
  first = ms_sum(lane, first);
  let divisor = max(first.x, 1.0e-30);
  let rough = first.y / divisor;
  var second = 0.0;
  var scale = 0.0;
  for (var row = lane; row < rows; row += ms_LANES) {
    let entry = ms_read_row(component, row);
    if (entry.weight >= least) {
      second += entry.weight / largest * (entry.value - rough);
      scale = max(scale, abs(entry.value - rough));
    }
  }
  let shift = ms_scalar_sum(lane, second) / divisor;
  scale = ms_largest(lane, scale, lane).value;

  // Each lane takes a stretch of rows, so that the list keeps their order.
  let stretch = (rows + ms_LANES - 1u) / ms_LANES;
  let start = min(lane * stretch, rows);
  let end = min(start + stretch, rows);
  var kept = 0u;
  for (var row = start; row < end; row++) {
    kept += select(0u, 1u, ms_read_row(component, row).weight >= least);
  }
  ms_kept[lane] = kept;
  workgroupBarrier();
  let base = offset * (ms_chunk.sample_count + 1u);
  var at = base + 1u;
  for (var before = 0u; before < lane; before++) {
    at += ms_kept[before];
  }
  for (var row = start; row < end; row++) {
    let entry = ms_read_row(component, row);
    if (entry.weight >= least) {
      let index = offset * ms_chunk.sample_count + (row - ms_chunk.first_sample);
      let root = sqrt(entry.weight / largest / divisor);
      let value = select(0.0, (entry.value - rough - shift) / max(scale, 1.0e-30), scale > 1.0e-30);
      ms_rows_of[at] = vec4u(index, bitcast<u32>(root), bitcast<u32>(value), 0u);
      at += 1u;
    }
  }
  if (lane == ms_LANES - 1u) {
    let enough = effective >= f32(ms_PAIRS + DIM + 1u);
    ms_rows_of[base] = vec4u(select(0u, at - base - 1u, enough), bitcast<u32>(scale), 0u, 0u);
  }
}
