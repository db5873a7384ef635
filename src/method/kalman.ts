/**
 * Derivative-free inversion by Gaussian mixtures: GMKI (Chen, Huang, Huang, Reich, Stuart: "Efficient, multimodal, and derivative-free
 * Bayesian inference with Fisher-Rao gradient flows", arXiv 2406.17263), DF-GMVI (arXiv 2501.04259) and unscented Kalman inversion, which is
 * the first with one component (kalman.md 3.1, 3.2).
 */
import { OptionError } from '../gpu/errors.ts';
import type { Entropy, Exploration, InversionMethodSpec, SigmaMethod } from '../run/inversion-method.ts';
import { checkNames, choiceOption, numberOption } from '../run/options.ts';

/** Options of {@link gmki}. */
export interface GmkiOptions {
  /** h of a step, in (0, 1). Default 0.5; from 0.5 to 0.75 modes are kept apart best. */
  step?: number;
  /**
   * How the mixture is flattened: by `whitened` fixed nodes (default), plain `sampled` ones, tensor Gauss-`hermite` ones (at most two
   * parameters), `sigma` points, or by `none`: each component alone.
   */
  exploration?: Exploration['rule'];
  /** Nodes a component; of `hermite`, an axis. Default max(512, 30 d), and 64 or 24 of `hermite` for d = 1, 2. */
  nodes?: number;
  /** Distance of the sigma points in standard deviations. Default min(2, sqrt d). */
  spread?: number;
  /** Smallest weight, half of 1/K at most. Default 1e-15. */
  weightFloor?: number;
  /** K. Default 3. */
  components?: number;
  /** Default 30; 50 beyond ten parameters. */
  iterations?: number;
}

/** Options of {@link uki}: those of {@link gmki} that one component has. */
export interface UkiOptions extends Pick<GmkiOptions, 'step' | 'spread' | 'iterations'> {}

/** Options of {@link dfGmvi}. */
export interface DfGmviOptions {
  /** h of a step, in (0, 1). Default 0.5. */
  step?: number;
  /**
   * Quadrature of the entropy terms: at the `mean` (default), `unscented` or `cubature`. Beyond three parameters the unscented one has a
   * negative weight, so that its Hessian need not be definite.
   */
  entropy?: Entropy;
  /** Distance of the sigma points in standard deviations. Default 0.5; the authors' 1e-3 does not survive float32. */
  spread?: number;
  /** Smallest weight, half of 1/K at most. Default 1e-8. */
  weightFloor?: number;
  /** K. Default 10. */
  components?: number;
  /** Default 200. */
  iterations?: number;
}

const positive = { min: 0, max: Number.POSITIVE_INFINITY, above: true };
const count = { min: 1, max: 1e9, whole: true };

/** A number inside (0, 1). @throws OptionError */
function stepOption(value: unknown, fallback = 0.5): number {
  const step = numberOption('step', value, fallback, { min: 0, max: 1, above: true });
  // As the GPU has it.
  if (Math.fround(step) === 1) throw new OptionError(`step is ${step}; it must be a number above 0 and below 1`);
  return step;
}

/** Gaussian-mixture Kalman inversion: few model runs for separate modes. For curved posteriors take {@link dfGmvi}. @throws OptionError */
export function gmki(options: GmkiOptions = {}): InversionMethodSpec {
  checkNames('gmki option', options, ['step', 'exploration', 'nodes', 'spread', 'weightFloor', 'components', 'iterations']);
  return {
    name: 'gmki',
    inversion: true,
    resolve: ({ dim }): SigmaMethod => {
      const rule = choiceOption('exploration', options.exploration, 'whitened', ['whitened', 'sampled', 'hermite', 'sigma', 'none']);
      if (rule === 'hermite' && dim > 2) {
        throw new OptionError(
          `exploration: hermite takes a grid of nodes, which ${dim} parameters are too many for (at most 2); use whitened`,
        );
      }
      if (options.nodes !== undefined && (rule === 'sigma' || rule === 'none')) {
        throw new OptionError(`nodes has no effect with exploration: ${rule}`);
      }
      const usual = rule === 'hermite' ? (dim === 1 ? 64 : 24) : Math.max(512, 30 * dim);
      const nodes = numberOption('nodes', options.nodes, usual, {
        min: rule === 'hermite' ? 2 : 1,
        max: rule === 'hermite' ? 128 : 2 ** 20,
        whole: true,
      });
      if ((rule === 'whitened' || rule === 'sampled') && nodes <= dim) {
        throw new OptionError(`nodes is ${nodes}; ${rule} nodes must be more than the ${dim} parameters`);
      }
      return {
        kind: 'sigma',
        name: 'gmki',
        options: { ...options },
        step: stepOption(options.step),
        spread: numberOption('spread', options.spread, Math.min(2, Math.sqrt(dim)), positive),
        exploration: { rule, nodes },
        weightFloor: numberOption('weightFloor', options.weightFloor, 1e-15, { min: 1e-30, max: 1, above: true }),
        components: numberOption('components', options.components, 3, { ...count, max: 1024 }),
        iterations: numberOption('iterations', options.iterations, dim > 10 ? 50 : 30, count),
      };
    },
  };
}

/** Unscented Kalman inversion: one Gaussian, the special case K = 1 of {@link gmki}. @throws OptionError */
export function uki(options: UkiOptions = {}): InversionMethodSpec {
  checkNames('uki option', options, ['step', 'spread', 'iterations']);
  const { resolve } = gmki({ ...options, exploration: 'none', components: 1 });
  return { name: 'uki', inversion: true, resolve: (problem) => ({ ...resolve(problem), name: 'uki', options: { ...options } }) };
}

/** Derivative-free Gaussian-mixture variational inference: as many model runs an iteration as {@link gmki}; copes with curved posteriors. @throws OptionError */
export function dfGmvi(options: DfGmviOptions = {}): InversionMethodSpec {
  checkNames('df-gmvi option', options, ['step', 'entropy', 'spread', 'weightFloor', 'components', 'iterations']);
  return {
    name: 'df-gmvi',
    inversion: true,
    resolve: (): SigmaMethod => ({
      kind: 'sigma',
      name: 'df-gmvi',
      options: { ...options },
      step: stepOption(options.step),
      spread: numberOption('spread', options.spread, 0.5, positive),
      entropy: choiceOption<Entropy, Entropy>('entropy', options.entropy, 'mean', ['mean', 'unscented', 'cubature']),
      weightFloor: numberOption('weightFloor', options.weightFloor, 1e-8, { min: 1e-30, max: 1, above: true }),
      components: numberOption('components', options.components, 10, { ...count, max: 1024 }),
      iterations: numberOption('iterations', options.iterations, 200, count),
    }),
  };
}
