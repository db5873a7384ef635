/** Whitened moments from the sigma points of a forward model: Gaussian-mixture Kalman inversion and DF-GMVI. */
import entropy from '../../shaders/entropy.wgsl?raw';
import entropyMoments from '../../shaders/entropy_moments.wgsl?raw';
import kalmanFactor from '../../shaders/kalman_factor.wgsl?raw';
import kalmanNoise from '../../shaders/kalman_noise.wgsl?raw';
import kalmanWhiten from '../../shaders/kalman_whiten.wgsl?raw';
import linear from '../../shaders/lib/linear.wgsl?raw';
import priorCorrelated from '../../shaders/lib/prior_correlated.wgsl?raw';
import priorIndependent from '../../shaders/lib/prior_independent.wgsl?raw';
import priorNone from '../../shaders/lib/prior_none.wgsl?raw';
import sigmaKalman from '../../shaders/lib/sigma_kalman.wgsl?raw';
import sigmaVariational from '../../shaders/lib/sigma_variational.wgsl?raw';
import triangle from '../../shaders/lib/triangle.wgsl?raw';
import prior from '../../shaders/prior.wgsl?raw';
import sigmaMoments from '../../shaders/sigma_moments.wgsl?raw';
import slopes from '../../shaders/slopes.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, factorModules, shared } from './compose.ts';
import { stoppedByControl } from './forward.ts';
import { momentSize } from './state.ts';

export type PriorKind = 'none' | 'independent' | 'correlated';

/** Rows of lanes that a factorisation in storage takes. */
const FACTOR_LANES = 64;

const triangleOf = (size: number): number => (size * (size + 1)) / 2;

export interface SigmaSpec {
  dim: number;
  observations: number;
}

const common = [shared.numbers, shared.state, linear, stoppedByControl] as const;

/** Reads `ms_residuals`, `ms_misfits`; writes `ms_slopes_of` and `ms_bends`. */
export function slopesKernel({ dim, observations }: SigmaSpec): KernelSource {
  return compose({
    label: 'slopes',
    constants: { DIM: dim, OBSERVATIONS: observations },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params'),
      ...declare('read', 'ms_residuals', 'ms_misfits'),
      ...declare('write', 'ms_slopes_of', 'ms_bends'),
    ],
    modules: [...common, slopes],
  });
}

/** R, its factor, and what it whitens: each reads what the one before wrote. Numbers of work are {@link kalmanWork}. */
export function kalmanKernels({ dim, observations }: SigmaSpec): Record<'kalman noise' | 'kalman factor' | 'kalman whiten', KernelSource> {
  const constants = { DIM: dim, OBSERVATIONS: observations, ms_TRIANGLE: triangleOf(observations) };
  const uniforms = declare('uniform', 'ms_control', 'ms_params');
  return {
    'kalman noise': compose({
      label: 'kalman noise',
      constants,
      bindings: [...uniforms, ...declare('read', 'ms_bends'), ...declare('write', 'ms_noise')],
      modules: [...common, triangle, kalmanNoise],
    }),
    'kalman factor': compose({
      label: 'kalman factor',
      lanes: FACTOR_LANES,
      constants,
      bindings: [...uniforms, ...declare('write', 'ms_noise')],
      modules: [...common, kalmanFactor],
    }),
    'kalman whiten': compose({
      label: 'kalman whiten',
      constants,
      bindings: [
        ...uniforms,
        ...declare('read', 'ms_noise', 'ms_residuals', 'ms_misfits'),
        ...declare('write', 'ms_slopes_of', 'ms_innovations'),
      ],
      modules: [...common, kalmanWhiten],
    }),
  };
}

/** Reads `ms_prior` and the components; writes `ms_prior_factors`. For correlated priors. */
export function priorKernel({ dim }: { dim: number }): KernelSource {
  return compose({
    label: 'prior',
    constants: { DIM: dim },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params'),
      ...declare('read', 'ms_prior', 'ms_components', 'ms_factors'),
      ...declare('write', 'ms_prior_factors'),
    ],
    modules: [...common, triangle, prior],
  });
}

export interface SigmaMomentsSpec extends SigmaSpec {
  prior: PriorKind;
  /** `kalman`: after {@link kalmanKernels}; `variational`: after {@link entropyKernels}, to whose moments it adds. */
  rule: 'kalman' | 'variational';
}

/** Reads slopes and bends, residuals and misfits; writes `ms_moments` and what the components' records say of the iteration. */
export function sigmaMomentsKernel({ dim, observations, prior: priorKind, rule }: SigmaMomentsSpec): KernelSource {
  const variational = rule === 'variational';
  return compose({
    label: 'sigma moments',
    constants: { DIM: dim, OBSERVATIONS: observations, ms_MOMENT: momentSize(dim, 'full') },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params'),
      ...declare('read', 'ms_misfits', 'ms_slopes_of'),
      ...declare('read', ...(variational ? ['ms_residuals', 'ms_bends'] : ['ms_innovations'])),
      ...declare('read', ...{ none: [], independent: ['ms_factors'], correlated: ['ms_prior_factors'] }[priorKind]),
      ...declare('write', 'ms_components', 'ms_moments'),
    ],
    modules: [
      ...common,
      triangle,
      { none: priorNone, independent: priorIndependent, correlated: priorCorrelated }[priorKind],
      variational ? sigmaVariational : sigmaKalman,
      sigmaMoments,
    ],
  });
}

/** The mixture's entropy by quadrature nodes: reads `ms_nodes`; writes `ms_entropy` and `ms_pulls`, and from these `ms_moments`. */
export function entropyKernels({ dim, nodes }: { dim: number; nodes: number }): Record<'entropy' | 'entropy moments', KernelSource> {
  const constants = { DIM: dim, ms_NODES: nodes };
  const uniforms = declare('uniform', 'ms_control', 'ms_params');
  return {
    entropy: compose({
      label: 'entropy',
      constants,
      bindings: [...uniforms, ...declare('read', 'ms_components', 'ms_factors', 'ms_nodes'), ...declare('write', 'ms_entropy', 'ms_pulls')],
      modules: [...common, ...factorModules('full', dim), entropy],
    }),
    'entropy moments': compose({
      label: 'entropy moments',
      constants: { ...constants, ms_MOMENT: momentSize(dim, 'full') },
      bindings: [...uniforms, ...declare('read', 'ms_nodes', 'ms_entropy', 'ms_pulls'), ...declare('write', 'ms_components', 'ms_moments')],
      modules: [...common, triangle, entropyMoments],
    }),
  };
}
