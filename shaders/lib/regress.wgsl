// The quadratic fit of f in the whitened draw z: its features, and where the kernels keep what they pass on.
//
// Features in Hermite form, z_a z_b (a > b), (z_a^2 - 1)/sqrt 2, z_a and 1: orthonormal under the component, so that their Gram
// matrix is near the identity and float32 can factorise it. They span what z_a z_b, z_a and 1 span, and only the constant's
// coefficient, which nobody penalises, takes up the difference.

const ms_FEATURES: u32 = ms_PAIRS + DIM + 1u;
// Columns of the Gram matrix: the features, then the values of f.
const ms_COLUMNS: u32 = ms_FEATURES + 1u;
const ms_GRAM: u32 = ms_COLUMNS * (ms_COLUMNS + 1u) / 2u;
const ms_HALF_ROOT: f32 = 0.7071067811865476;

// A column's entry in a row: scale (z_a z_b - shift), with the constant 1 for z_DIM and the value of f for z_(DIM + 1).
struct ms_Column {
  a: u32,
  b: u32,
  scale: f32,
  shift: f32,
}

fn ms_column(number: u32) -> ms_Column {
  if (number < ms_PAIRS) {
    let pair = ms_pair(number);
    if (pair.x == pair.y) {
      return ms_Column(pair.x, pair.y, ms_HALF_ROOT, 1.0);
    }
    return ms_Column(pair.x, pair.y, 1.0, 0.0);
  }
  if (number <= ms_FEATURES) {
    return ms_Column(select(DIM + 1u, number - ms_PAIRS, number < ms_FEATURES), DIM, 1.0, 0.0);
  }
  return ms_Column(DIM, DIM, 0.0, 0.0);
}

// A row that takes part in a component's fit: its place in the chunk's buffers, root of its share of the weight, value of f
// (centred, scaled to at most 1), unused. Before a component's rows: their number (0: no fit) and the scale of the values.
fn ms_row_of(component_offset: u32, number: u32) -> vec4u {
  return ms_rows_of[component_offset * (ms_chunk.sample_count + 1u) + 1u + number];
}

fn ms_header_of(component_offset: u32) -> vec4u {
  return ms_rows_of[component_offset * (ms_chunk.sample_count + 1u)];
}
