// What is known of an ensemble as a whole: ms_ensemble, laid out as in src/kernels/ensemble.ts.

const ms_ENSEMBLE_TIME: u32 = 0u;        // algorithmic time so far
const ms_ENSEMBLE_STEP: u32 = 1u;        // of this iteration
const ms_ENSEMBLE_RIDGE: u32 = 2u;       // what the step adds to the diagonal of ms_gram
const ms_ENSEMBLE_SUCCESSFUL: u32 = 3u;  // members whose model run gave numbers
const ms_ENSEMBLE_MISFIT: u32 = 4u;      // of these: mean, standard deviation, lowest since the start
const ms_ENSEMBLE_SPREAD: u32 = 5u;
const ms_ENSEMBLE_LOWEST: u32 = 6u;
const ms_ENSEMBLE_MEAN: u32 = 8u;        // of these, axis by axis, and their standard deviations
const ms_ENSEMBLE_DEVIATION: u32 = ms_ENSEMBLE_MEAN + DIM;
