// What the kernels share on the GPU. src/kernels/state.ts holds the same layouts for the host.

// Advanced by the control kernel at the end of every iteration; read by all others, never written by the host in mid-run.
struct ms_Control {
  stop: u32,                 // StopReason, 0 while running
  iteration: u32,            // iterations finished since the last start
  round: u32,                // iterations finished since the seed was set: the random-number counter
  evaluations: u32,          // since the last start; the host keeps runs below 2^32
  temperature: f32,          // omega of the iteration now running
  first_temperature: f32,
  spread: f32,               // pooled standard deviation of l within components, last iteration
  best: f32,                 // best objective value so far
  non_finite: u32,           // samples without a usable value since the last start
  failures: u32,             // component steps that failed since the last start
  trace_count: u32,
  spare: u32,
}

// Written by the host before a start.
struct ms_Params {
  seed: vec2u,
  components: u32,           // K
  samples: u32,              // n: samples each component's moments run over
  leaves: u32,               // reduction leaves per component
  evaluations_per_iteration: u32,
  max_evaluations: u32,
  max_iterations: u32,

  draw_scale: f32,           // s of x = mu + s L eps
  deviation_cap: f32,        // largest marginal standard deviation, search coordinates; 0 = none
  deviation_floor: f32,
  mean_cap: f32,             // largest |mean| per search coordinate; 0 = none

  rate: f32,                 // rho = min(rate (omega_1/omega)^rate_power, rate_limit)
  rate_power: f32,
  rate_limit: f32,
  mean_ratio: f32,           // rhoMean / rho
  weight_ratio: f32,         // rhoWeight / rho; 0 leaves the weights alone
  weight_floor: f32,         // smallest mixture weight, as a share of 1/K
  trust: f32,                // bound on rho max(|G|_F, |g|); 0 = none
  burn: u32,                 // iterations with frozen covariance

  temperature_power: f32,    // power law: omega = omega_1 / t^power
  temperature_ratio: f32,    // geometric: omega *= ratio
  cooling: f32,              // adaptive: 1/omega += cooling / spread
  cooling_limit: f32,        // adaptive: omega may shrink to this share in one iteration
  final_temperature: f32,    // stop below; 0 = never
  temperature_floor: f32,    // omega goes no lower
  settled_deviation: f32,    // stop when every component's rms deviation is below; 0 = never
  target_value: f32,         // stop when best reaches it; see has_target
  has_target: u32,

  utility_offset: f32,       // utility of rank r = 1, 2, ...: max(0, offset - log r) scale - shift
  utility_scale: f32,
  utility_shift: f32,
  effective_minimum: f32,    // smallest effective sample size with which a component may step
  spare: f32,
}

// A rectangle of components x reduction leaves whose samples fit the chunk buffers.
struct ms_Chunk {
  first_component: u32,
  component_count: u32,
  first_leaf: u32,
  leaf_count: u32,
  first_sample: u32,
  sample_count: u32,
  stride: u32,               // distance between rows of the chunk's structure-of-arrays buffers
  batch_stride: u32,         // the same for the points of a shared batch
  sample_grid: u32,          // workgroups per row of the dispatch grid, one invocation a sample
  leaf_grid: u32,            // the same, one workgroup a leaf
  spare0: u32,
  spare1: u32,
}

// One record a component: scalars, then the mean, then the best point found.
const ms_LOG_WEIGHT: u32 = 0u;
const ms_LOG_NORM: u32 = 1u;       // -sum log L_ii - d/2 log 2 pi
const ms_STEP_FACTOR: u32 = 2u;
const ms_STATUS: u32 = 3u;         // status bits, as a number
const ms_VALUE: u32 = 4u;          // F
const ms_VARIANCE: u32 = 5u;       // V
const ms_EFFECTIVE: u32 = 6u;      // effective sample size
const ms_USABLE: u32 = 7u;         // samples with a usable value
const ms_BEST: u32 = 8u;
const ms_RATE: u32 = 9u;           // rho of the last step
const ms_DEVIATION: u32 = 10u;     // sqrt(tr Sigma / d)
const ms_MEAN: u32 = 16u;
const ms_BEST_POINT: u32 = ms_MEAN + DIM;
const ms_RECORD: u32 = ms_MEAN + 2u * DIM;

// Status bits. 0 = the last step was taken.
const ms_STATUS_FACTORISATION: u32 = 1u;  // a pivot was not positive
const ms_STATUS_MOMENTS: u32 = 2u;        // moments not finite
const ms_STATUS_SAMPLES: u32 = 4u;        // too few usable samples

// Partial sums of one leaf.
const ms_PART_USABLE: u32 = 0u;
const ms_PART_WEIGHT: u32 = 1u;
const ms_PART_WEIGHT_SQUARES: u32 = 2u;
const ms_PART_F: u32 = 3u;            // weighted mean of f
const ms_PART_L: u32 = 4u;            // weighted mean of l
const ms_PART_L_SQUARES: u32 = 5u;    // weighted sum of squares of l about that mean
const ms_PART_BEST: u32 = 6u;
const ms_PART_GRADIENT: u32 = 8u;

// First sample of a leaf: `samples` split into `leaves` parts whose sizes differ by at most one.
fn ms_leaf_start(leaf: u32, samples: u32, leaves: u32) -> u32 {
  return leaf * (samples / leaves) + min(leaf, samples % leaves);
}
