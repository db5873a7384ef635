/** A forward model's way from components (or particles, or given points) to misfits: parameters, predictions, residuals. */
import forward from '../../shaders/forward.wgsl?raw';
import batch from '../../shaders/lib/batch.wgsl?raw';
import linear from '../../shaders/lib/linear.wgsl?raw';
import memberParticle from '../../shaders/lib/member_particle.wgsl?raw';
import memberPoint from '../../shaders/lib/member_point.wgsl?raw';
import memberSigma from '../../shaders/lib/member_sigma.wgsl?raw';
import physical from '../../shaders/lib/physical.wgsl?raw';
import logPosterior from '../../shaders/log_posterior.wgsl?raw';
import members from '../../shaders/members.wgsl?raw';
import misfit from '../../shaders/misfit.wgsl?raw';
import residual from '../../shaders/residual.wgsl?raw';
import { compose, type KernelSource, type UserText } from '../gpu/wgsl.ts';
import { declare, shared } from './compose.ts';

/** `ms_stopped()` of kernels that run inside of the loop, and of those that do not. */
export const stoppedByControl = 'fn ms_stopped() -> bool {\n  return ms_control.stop != 0u;\n}\n';
const neverStopped = 'fn ms_stopped() -> bool {\n  return false;\n}\n';

/** Where members come from: sigma points of the components, particles in search coordinates, points in unconstrained ones. */
export type MemberSource = 'sigma' | 'particle' | 'point';

/** Reads the members' source; writes `ms_parameters`, in physical units. */
export function membersKernel(spec: { dim: number; source: MemberSource }): KernelSource {
  const { dim, source } = spec;
  const looped = source !== 'point';
  return compose({
    label: 'members',
    constants: { DIM: dim },
    bindings: [
      ...declare('uniform', ...(looped ? ['ms_control', 'ms_params'] : ['ms_batch']), 'ms_box', 'ms_transforms'),
      ...declare('read', ...{ sigma: ['ms_components', 'ms_factors'], particle: ['ms_particles'], point: ['ms_points'] }[source]),
      ...declare('write', 'ms_parameters'),
    ],
    modules: [
      ...(looped ? [] : [batch]),
      shared.numbers,
      shared.state,
      linear,
      physical,
      looped ? stoppedByControl : neverStopped,
      { sigma: memberSigma, particle: memberParticle, point: memberPoint }[source],
      members,
    ],
  });
}

/** The user's `forward`: reads `ms_parameters`, writes `ms_predictions`. */
export function forwardKernel(spec: { dim: number; observations: number; user: UserText; data: readonly string[] }): KernelSource {
  return compose({
    label: 'forward',
    constants: { DIM: spec.dim, OBSERVATIONS: spec.observations },
    bindings: [...declare('uniform', 'ms_batch'), ...declare('read', 'ms_parameters', ...spec.data), ...declare('write', 'ms_predictions')],
    user: spec.user,
    modules: [batch, linear, forward],
  });
}

/** Reads `ms_predictions`, `ms_y`, `ms_whitener`; writes `ms_residuals`. */
export function residualKernel(spec: { dim: number; observations: number; full: boolean }): KernelSource {
  return compose({
    label: 'residual',
    constants: { DIM: spec.dim, OBSERVATIONS: spec.observations, ms_FULL: spec.full },
    bindings: [
      ...declare('uniform', 'ms_batch'),
      ...declare('read', 'ms_predictions', 'ms_y', 'ms_whitener'),
      ...declare('write', 'ms_residuals'),
    ],
    modules: [batch, shared.numbers, linear, residual],
  });
}

/** Reads `ms_predictions` and `ms_residuals`; writes `ms_misfits`. */
export function misfitKernel(spec: { dim: number; observations: number }): KernelSource {
  return compose({
    label: 'misfit',
    constants: { DIM: spec.dim, OBSERVATIONS: spec.observations },
    bindings: [...declare('uniform', 'ms_batch'), ...declare('read', 'ms_predictions', 'ms_residuals'), ...declare('write', 'ms_misfits')],
    modules: [batch, shared.numbers, linear, misfit],
  });
}

export interface LogPosteriorSpec {
  dim: number;
  /** A flat prior adds nothing. */
  proper: boolean;
  /** `ms_prior` holds the inverse Cholesky factor of the correlations. */
  correlated: boolean;
  /** Of noise and prior together. */
  logNorm: number;
}

/** Reads `ms_misfits` and `ms_points`; writes `ms_values`: the log of likelihood times prior. */
export function logPosteriorKernel(spec: LogPosteriorSpec): KernelSource {
  return compose({
    label: 'log posterior',
    constants: { DIM: spec.dim, ms_PROPER: spec.proper, ms_CORRELATED: spec.correlated, ms_LOG_NORM: wgslFloat(spec.logNorm) },
    bindings: [
      ...declare('uniform', 'ms_batch', 'ms_box'),
      ...declare('read', 'ms_misfits', 'ms_points', ...(spec.correlated ? ['ms_prior'] : [])),
      { name: 'ms_values', kind: 'write', type: 'array<f32>' },
    ],
    modules: [batch, shared.numbers, linear, spec.correlated ? '' : noCorrelation, logPosterior],
  });
}

/** A constant expression of a finite number. */
const wgslFloat = (value: number): string => Math.fround(value).toExponential();

/** What the shader names but does not read. */
const noCorrelation = 'const ms_prior = array<f32, 1>(0.0);\n';
