/**
 * Methods whose state is an ensemble of particles: ensemble Kalman inversion (Iglesias, Law, Stuart 2013; steps by Iglesias and Yang 2021)
 * and the ensemble Kalman sampler (Garbuno-Inigo, Hoffmann, Li, Stuart 2020) in its affine-invariant form for finite ensembles
 * (Garbuno-Inigo, Nuesken, Reich 2020).
 */
import { OptionError } from '../gpu/errors.ts';
import { type InversionMethodSpec, MAX_PARTICLES, type ParticleMethod } from '../run/inversion-method.ts';
import { checkNames, numberOption } from '../run/options.ts';

/** Options of {@link eki} and {@link eks}. */
export interface EnsembleOptions {
  /** J, a whole number from 2. Default: 10 d up to ten parameters, 100 above, but 2 (d + 1) at least. */
  particles?: number;
  /** Most iterations. Default 100. */
  iterations?: number;
  /** A fixed time step, above 0. Default adaptive: of {@link eki} by the data misfit, of {@link eks} by the size of the drift. */
  step?: number;
}

const names = ['particles', 'iterations', 'step'] as const;

/** EnsembleKalmanProcesses.jl's rule of thumb, and more than as many as there are directions. */
const usualParticles = (dim: number): number => Math.max(10 * Math.min(dim, 10), 2 * (dim + 1));

function particleMethod(rule: ParticleMethod['rule'], name: string, options: EnsembleOptions, dim: number): ParticleMethod {
  return {
    kind: 'particle',
    name,
    options: { ...options },
    rule,
    particles: numberOption('particles', options.particles, usualParticles(dim), { min: 2, max: MAX_PARTICLES, whole: true }),
    iterations: numberOption('iterations', options.iterations, 100, { min: 1, max: 1e9, whole: true }),
    step: numberOption('step', options.step, undefined, { min: 0, max: 1e6, above: true }),
  };
}

/**
 * Ensemble Kalman inversion: carries an ensemble of the prior to the posterior, as if the model were linear, in few iterations. Its
 * adaptive steps end at time 1; with a fixed step it goes on, and the ensemble collapses to a best fit. Parameters stay in the span of the
 * first ensemble.
 *
 * Sources: Iglesias, Law, Stuart 2013; steps by Iglesias and Yang 2021.
 *
 * @throws OptionError for an unknown name or a number out of range
 */
export function eki(options: EnsembleOptions = {}): InversionMethodSpec {
  checkNames('eki option', options, names);
  return { name: 'eki', inversion: true, resolve: ({ dim }) => particleMethod('inversion', 'eki', options, dim) };
}

/**
 * The ensemble Kalman sampler: Langevin dynamics of interacting particles, without derivatives. After it has settled, every iteration's
 * ensemble is one of the posterior, exactly where the model is linear and the step small.
 *
 * Sources: Garbuno-Inigo, Hoffmann, Li, Stuart 2020; for finite ensembles Garbuno-Inigo, Nuesken, Reich 2020.
 *
 * @throws OptionError for an unknown name or a number out of range; when resolved, for fewer than d + 2 particles
 */
export function eks(options: EnsembleOptions = {}): InversionMethodSpec {
  checkNames('eks option', options, names);
  return {
    name: 'eks',
    inversion: true,
    resolve: ({ dim }) => {
      const method = particleMethod('sampler', 'eks', options, dim);
      if (method.particles < dim + 2) {
        throw new OptionError(
          `particles is ${method.particles}; eks needs ${dim + 2} at least for ${dim} parameters, so that its particles span all directions`,
        );
      }
      return method;
    },
  };
}
