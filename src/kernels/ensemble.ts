/**
 * One iteration of an ensemble of particles after their model runs: ensemble Kalman inversion, and the ensemble Kalman sampler. Both move
 * particle j by sum_k w_kj (u_k - mean), with weights from one J x J system (Y^T Y + ridge) w = right-hand side: the gain
 * C_uG (C_GG + I/h)^-1 = U (Y^T Y + J/h)^-1 Y^T by Woodbury, for any number of observations.
 */
import control from '../../shaders/ensemble_control.wgsl?raw';
import deviations from '../../shaders/ensemble_deviations.wgsl?raw';
import factor from '../../shaders/ensemble_factor.wgsl?raw';
import innovations from '../../shaders/ensemble_innovations.wgsl?raw';
import move from '../../shaders/ensemble_move.wgsl?raw';
import products from '../../shaders/ensemble_products.wgsl?raw';
import step from '../../shaders/ensemble_step.wgsl?raw';
import weights from '../../shaders/ensemble_weights.wgsl?raw';
import ensemble from '../../shaders/lib/ensemble.wgsl?raw';
import stepDrift from '../../shaders/lib/ensemble_step_drift.wgsl?raw';
import stepMisfit from '../../shaders/lib/ensemble_step_misfit.wgsl?raw';
import innovationPerturbed from '../../shaders/lib/innovation_perturbed.wgsl?raw';
import innovationPlain from '../../shaders/lib/innovation_plain.wgsl?raw';
import innovationPrior from '../../shaders/lib/innovation_prior.wgsl?raw';
import linear from '../../shaders/lib/linear.wgsl?raw';
import rightSideInversion from '../../shaders/lib/right_side_inversion.wgsl?raw';
import rightSideSampler from '../../shaders/lib/right_side_sampler.wgsl?raw';
import whitenedCorrelated from '../../shaders/lib/whitened_correlated.wgsl?raw';
import whitenedIndependent from '../../shaders/lib/whitened_independent.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';
import { stoppedByControl } from './forward.ts';
import { reduction } from './reduction.ts';
import type { PriorKind } from './sigma.ts';
import { reductionLanes, TRACE_ROWS } from './state.ts';

export interface EnsembleSpec {
  dim: number;
  observations: number;
  /** J. It only chooses workgroup sizes. */
  particles: number;
  rule: 'inversion' | 'sampler';
  /** Of the sampler; inversion knows it by its first ensemble alone. */
  prior: PriorKind;
}

/** Offsets in `ms_ensemble`, as in shaders/lib/ensemble.wgsl: means of the axes from `mean` on, then their standard deviations. */
export const ensembleField = { time: 0, step: 1, ridge: 2, successful: 3, misfit: 4, spread: 5, lowest: 6, mean: 8 } as const;

export const ensembleSize = (dim: number): number => ensembleField.mean + 2 * dim;

/** Rows of responses and innovations: observations, and for a prior as many more as there are parameters. */
export const ensembleRows = ({ dim, observations, rule, prior }: Omit<EnsembleSpec, 'particles'>): number =>
  observations + (rule === 'sampler' && prior !== 'none' ? dim : 0);

/** Invocations of a factorisation in storage. */
const factorLanes = (particles: number): number => (particles <= 256 ? 64 : 256);

export type EnsembleKernel = 'deviations' | 'innovations' | 'products' | 'step' | 'factor' | 'weights' | 'move' | 'ensemble control';

/** In their order; the step of inversion needs misfits only, that of the sampler comes of the products. */
export const ensembleOrder: Readonly<Record<EnsembleSpec['rule'], readonly EnsembleKernel[]>> = {
  inversion: ['deviations', 'step', 'innovations', 'products', 'factor', 'weights', 'move', 'ensemble control'],
  sampler: ['deviations', 'innovations', 'products', 'step', 'factor', 'weights', 'move', 'ensemble control'],
};

/** Invocations each takes, or the number of workgroups. */
export function ensembleWork(spec: EnsembleSpec): Record<EnsembleKernel, { invocations: number } | { workgroups: number }> {
  const { dim, observations, particles } = spec;
  return {
    deviations: { invocations: dim + observations },
    innovations: { invocations: particles * Math.ceil(ensembleRows(spec) / 4) },
    products: { invocations: particles ** 2 },
    step: { workgroups: 1 },
    factor: { workgroups: 1 },
    weights: { invocations: particles },
    move: { invocations: particles * dim },
    'ensemble control': { workgroups: 1 },
  };
}

/** From `ms_particles`, `ms_residuals` and `ms_misfits` to `ms_particles`, and `ms_control`. */
export function ensembleKernels(spec: EnsembleSpec): Record<EnsembleKernel, KernelSource> {
  const { dim, observations, particles, rule, prior } = spec;
  const inversion = rule === 'inversion';
  const withPrior = !inversion && prior !== 'none';
  const constants = { DIM: dim, OBSERVATIONS: observations, ms_ROWS: ensembleRows(spec) };
  const uniforms = declare('uniform', 'ms_control', 'ms_params');
  const common = [shared.numbers, shared.state, ensemble, stoppedByControl];
  const [stepLanes, controlLanes] = [reductionLanes(particles), reductionLanes(dim)];
  const random = [shared.philox, shared.normal];
  return {
    deviations: compose({
      label: 'deviations',
      constants,
      bindings: [
        ...uniforms,
        ...declare('read', 'ms_particles', 'ms_residuals', 'ms_misfits'),
        ...declare('write', 'ms_deviations', 'ms_responses', 'ms_ensemble'),
      ],
      modules: [...common, linear, deviations],
    }),
    innovations: compose({
      label: 'innovations',
      constants,
      bindings: [
        ...uniforms,
        ...declare('read', 'ms_residuals', ...(inversion ? ['ms_ensemble'] : [])),
        ...(withPrior ? declare('read', 'ms_particles', 'ms_deviations', ...(prior === 'correlated' ? ['ms_prior'] : [])) : []),
        ...declare('write', ...(withPrior ? ['ms_responses'] : []), 'ms_innovations'),
      ],
      modules: [
        ...common,
        linear,
        ...(inversion ? [...random, innovationPerturbed] : [withPrior ? innovationPrior : innovationPlain]),
        ...(withPrior ? [prior === 'correlated' ? whitenedCorrelated : whitenedIndependent] : []),
        innovations,
      ],
    }),
    products: compose({
      label: 'products',
      constants,
      bindings: [...uniforms, ...declare('read', 'ms_responses', 'ms_innovations'), ...declare('write', 'ms_gram', 'ms_weights')],
      modules: [...common, linear, products],
    }),
    step: compose({
      label: 'step',
      lanes: stepLanes,
      constants,
      bindings: [...uniforms, ...declare('read', 'ms_misfits', ...(inversion ? [] : ['ms_weights'])), ...declare('write', 'ms_ensemble')],
      modules: [...common, ...reduction(stepLanes), inversion ? stepMisfit : stepDrift, step],
    }),
    factor: compose({
      label: 'factor',
      lanes: factorLanes(particles),
      constants,
      bindings: [...uniforms, ...declare('read', 'ms_ensemble'), ...declare('write', 'ms_gram')],
      modules: [...common, factor],
    }),
    weights: compose({
      label: 'weights',
      constants,
      bindings: [...uniforms, ...declare('read', 'ms_gram', 'ms_misfits', 'ms_ensemble'), ...declare('write', 'ms_weights')],
      modules: [...common, linear, ...random, inversion ? rightSideInversion : rightSideSampler, weights],
    }),
    move: compose({
      label: 'move',
      constants,
      bindings: [
        ...uniforms,
        ...declare('read', 'ms_weights', 'ms_deviations', 'ms_misfits', 'ms_ensemble'),
        ...declare('write', 'ms_particles'),
      ],
      modules: [...common, linear, move],
    }),
    'ensemble control': compose({
      label: 'ensemble control',
      lanes: controlLanes,
      constants: { ...constants, ms_TRACE_ROWS: TRACE_ROWS, ms_INVERSION: inversion },
      bindings: [...declare('uniform', 'ms_params'), ...declare('write', 'ms_control', 'ms_ensemble', 'ms_trace')],
      modules: [shared.numbers, shared.state, ensemble, ...reduction(controlLanes), control],
    }),
  };
}
