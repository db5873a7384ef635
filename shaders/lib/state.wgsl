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
  components: u32,           // live components: records 0 .. components - 1
  rows: u32,                 // samples that a component's moments run over, in this iteration
  leaves: u32,               // reduction leaves they are summed in
  fresh: u32,                // rows of a shared batch drawn in this iteration; the others are reused
  first_row: u32,            // where the batch begins in the ring of rows
  weight_step: f32,          // step size of the weights, or the bound on their KL divergence
  elbo: f32,                 // of the last step of the weights
  drawn: u32,                // rows drawn since the last start
  additions: u32,            // attempts to add a component since the last start
  removals: u32,             // components removed since the last start
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
  capacity: u32,             // most components; `components` are there at the start
  row_capacity: u32,         // length of the ring of rows
  row_budget: u32,           // most rows drawn in an iteration
  reuse: u32,                // rows reused, per component
  step_first: f32,           // component step sizes (or KL bounds): first, and the range they are kept in
  step_least: f32,
  step_most: f32,
  step_power: f32,           // decaying: first / (1 + updates^power)
  weight_step_first: f32,    // the same for the weights
  weight_step_least: f32,
  weight_step_most: f32,
  weight_step_power: f32,
  add_every: u32,            // iterations between additions; 0 = components are never added or removed
  remove_after: u32,         // iterations over which a component must have stagnated
  past_rows: u32,            // capacity of the store of past samples that additions choose from
  start_entropy: f32,        // entropy of a start component, search coordinates
  ridge_first: f32,          // ridge of the quadratic fit: first, and the least
  anneal: u32,               // iterations at the start whose temperature falls to 1 with a step size of their own
  anneal_rate: f32,
  decay_iterations: u32,     // iterations over which the step size then falls, to this share of `rate`
  decay_least: f32,
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
const ms_STEP: u32 = 11u;          // own step size, or bound on the KL divergence of a step
const ms_REWARD: u32 = 12u;        // omega log w + E[f] at the last weighing, ms_NO_VALUE before the first
const ms_PAST_REWARD: u32 = 13u;   // at the one before
const ms_UPDATES: u32 = 14u;       // steps received, failed ones too
const ms_LOG_SHARE: u32 = 15u;     // log of its share of the shared batch's proposal
const ms_ID: u32 = 16u;            // a number of its own, below 2^24
const ms_FIRST_DRAW: u32 = 17u;    // its fresh rows: the first one's number, and how many
const ms_DRAWS: u32 = 18u;
const ms_REUSABLE: u32 = 19u;      // effective size, to it, of the rows that the next iteration may reuse
const ms_FIT: u32 = 20u;           // status bits of the quadratic fit, 0 where there is none
const ms_RIDGE: u32 = 21u;         // its ridge
const ms_RADIUS: u32 = 22u;        // largest |eigenvalue| of G, where steps hang on it
const ms_MEAN: u32 = 24u;
const ms_BEST_POINT: u32 = ms_MEAN + DIM;
const ms_RECORD: u32 = ms_MEAN + 2u * DIM;

// Importance weights are taken as if no share were below e^-14: a component that hardly ever draws looks at the rows of the others, and
// its weights stay where they and their squares are floats.
const ms_LEAST_LOG_SHARE: f32 = -14.0;

// Status bits. 0 = the last step was taken.
const ms_STATUS_FACTORISATION: u32 = 1u;  // a pivot was not positive
const ms_STATUS_MOMENTS: u32 = 2u;        // moments not finite
const ms_STATUS_SAMPLES: u32 = 4u;        // too few usable samples
const ms_STATUS_FEATURES: u32 = 8u;       // fewer effective samples than features of the quadratic fit
const ms_STATUS_FIT: u32 = 16u;           // the normal equations of the fit could not be factorised

// Partial sums of one leaf.
const ms_PART_USABLE: u32 = 0u;
const ms_PART_WEIGHT: u32 = 1u;
const ms_PART_WEIGHT_SQUARES: u32 = 2u;
const ms_PART_F: u32 = 3u;            // weighted mean of f
const ms_PART_L: u32 = 4u;            // weighted mean of l
const ms_PART_L_SQUARES: u32 = 5u;    // weighted sum of squares of l about that mean
const ms_PART_BEST: u32 = 6u;
const ms_PART_GRADIENT: u32 = 8u;     // then the matrix, the weighted draws, the best point

// First sample of a leaf: `samples` split into `leaves` parts whose sizes differ by at most one.
fn ms_leaf_start(leaf: u32, samples: u32, leaves: u32) -> u32 {
  return leaf * (samples / leaves) + min(leaf, samples % leaves);
}
