import { fixedFamily } from './family.ts';
import { corners, planarMixture } from './gaussian-mixture.ts';
import type { ProblemFamily } from './problem.ts';

/**
 * The mixture is a product of two one-dimensional ones, whose modes solve m = 1.5 tanh(6 m): the neighbours pull each mode
 * inwards by 4.6e-8.
 */
const mode = 1.4999999543100364;
const valueAtMode = -1.8378770359493777;

/** Four equal, well separated Gaussians (variance 0.25) at (±1.5, ±1.5). Formulas sheet `nva.md` section 5.5. */
export const fourModes: ProblemFamily = fixedFamily({
  name: 'four-modes',
  title: 'Four equal, well separated Gaussians',
  source: 'Gaussian mixture with means (±1.5, ±1.5) and variance 0.25 (log density); modes by fixed point in float64',
  sense: 'maximize',
  dimension: 2,
  box: [
    [-4, 4],
    [-4, 4],
  ],
  ...planarMixture(corners(1.5), 0.25),
  known: { modes: corners(mode), values: [valueAtMode, valueAtMode, valueAtMode, valueAtMode], onlyGlobal: false },
});
