// The mixture in the engine's buffers, and colours, as all views read them. Its constants are declared in front.

const FACTOR: u32 = DIM * (DIM + 1u) / 2u;

struct View {
  camera: mat4x4f,       // coordinates of the means on the three axes to clip space
  axes: vec4u,           // the axes shown; w: components alive
  size: vec2f,           // of the plot, in pixels
  pixel: f32,            // device pixels a CSS pixel
  shown: u32,            // samples drawn of each component
  per_component: u32,
  stride: u32,           // distance between coordinates of the draws
  trail_first: u32,
  trail_capacity: u32,
  trail_stride: u32,
  flags: u32,            // 1: something is highlighted; 2: samples come from the mixture as a whole
  opacity: f32,          // of a sample
  point_size: f32,       // in CSS pixels
  halo: vec4f,
  colours: array<vec4f, 8>,
  member_scale: vec4f,   // xyz: from the user's units to coordinates of the means; w: frames of a trail
  member_shift: vec4f,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> components: array<f32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read> draws: array<f32>;    // or the trails
@group(0) @binding(4) var<storage, read> marked: array<u32>;   // 1 for a highlighted component
@group(0) @binding(5) var<storage, read> control: array<u32>;
@group(0) @binding(6) var<storage, read> origins: array<f32>;  // who drew a row

struct Drawn {
  @builtin(position) position: vec4f,
  @location(0) colour: vec4f,   // premultiplied
  @location(1) local: vec2f,    // in pixels, where a shape is cut out of its square
}

fn colour_by_id(id: u32, alpha: f32) -> vec4f {
  return vec4f(view.colours[id % 8u].rgb * alpha, alpha);
}

// A component keeps its colour when others go.
fn id_of(k: u32) -> u32 {
  return u32(max(components[k * RECORD + ID], 0.0));
}

fn colour_of(k: u32, alpha: f32) -> vec4f {
  return colour_by_id(id_of(k), alpha);
}

fn any_marked() -> bool {
  return (view.flags & 1u) != 0u;
}

fn is_lit(k: u32) -> bool {
  return any_marked() && marked[k] == 1u;
}

// What is not highlighted steps back while something is, and what has next to no weight at any time.
fn presence(k: u32) -> f32 {
  let slight = exp(min(components[k * RECORD + LOG_WEIGHT], 0.0)) * f32(view.axes.w) < 0.01;
  return select(1.0, 0.22, any_marked() && marked[k] == 0u) * select(1.0, 0.4, slight);
}

fn axis(a: u32) -> u32 {
  return min(view.axes[a], DIM - 1u);
}

fn mean_of(k: u32) -> vec3f {
  let at = k * RECORD + MEAN;
  return vec3f(components[at + axis(0u)], components[at + axis(1u)], components[at + axis(2u)]);
}

fn factor(k: u32, i: u32, j: u32) -> f32 {
  return factors[2u * FACTOR * k + i * (i + 1u) / 2u + j];
}

fn covariance(k: u32, a: u32, b: u32) -> f32 {
  var sum = 0.0;
  for (var j = 0u; j <= min(a, b); j++) {
    sum += factor(k, a, j) * factor(k, b, j);
  }
  return sum;
}

// Lower Cholesky factor of the marginal covariance of the axes shown, by columns.
fn marginal_factor(k: u32) -> mat3x3f {
  let a = axis(0u);
  let b = axis(1u);
  let c = axis(2u);
  let l00 = sqrt(max(covariance(k, a, a), 1.0e-20));
  let l10 = covariance(k, b, a) / l00;
  let l11 = sqrt(max(covariance(k, b, b) - l10 * l10, 1.0e-20));
  let l20 = covariance(k, c, a) / l00;
  let l21 = (covariance(k, c, b) - l20 * l10) / l11;
  let l22 = sqrt(max(covariance(k, c, c) - l20 * l20 - l21 * l21, 1.0e-20));
  return mat3x3f(vec3f(l00, l10, l20), vec3f(0.0, l11, l21), vec3f(0.0, 0.0, l22));
}

fn project(u: vec3f) -> vec4f {
  return view.camera * vec4f(u, 1.0);
}

// Moves a point of clip space by pixels.
fn nudge(clip: vec4f, pixels: vec2f) -> vec4f {
  return vec4f(clip.xy + 2.0 * pixels / view.size * clip.w, clip.zw);
}

fn to_pixels(clip: vec4f) -> vec2f {
  return 0.5 * view.size * clip.xy / clip.w;
}

// Where nothing is to be seen: beyond the far end of what is drawn.
const NOWHERE = vec4f(0.0, 0.0, 2.0, 1.0);

@fragment fn fill(in: Drawn) -> @location(0) vec4f {
  return in.colour;
}
