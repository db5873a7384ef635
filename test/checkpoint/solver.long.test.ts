/** Solvers of every way to sample and estimate, saved and restored. */
import { describe, it } from 'vitest';
import { resumesAlike, solverCases } from './solver-runs.ts';

describe('a solver resumed after 1, 7 and 50 iterations ends with the same bits', () => {
  for (const [name, run] of Object.entries(solverCases)) it(name, () => resumesAlike(run));
});
