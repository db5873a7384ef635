/** One inversion: opens the model, runs the method, and says what the posterior's modes are. */
import { type Gpu, largestBinding } from '../gpu/device.ts';
import type { ForwardModel } from '../objective/forward.ts';
import type { InversionResult } from '../result/inversion-types.ts';
import { type Summarised, withSummary } from '../result/summary.ts';
import type { StopReason } from '../result/types.ts';
import { secondsBefore, surviving } from './device-loss.ts';
import { ForwardRun } from './forward-run.ts';
import { DENSITY_MEMBERS, fitDensity, fitParticles, fitSigma, type InversionSettings } from './inversion-fit.ts';
import type { InversionMethod, ParticleMethod, SigmaMethod } from './inversion-method.ts';
import { describePosterior, physicalRows, userMixture } from './inversion-modes.ts';
import { membersOf } from './inversion-plan.ts';
import { guarded, secondsOf } from './loop.ts';
import type { Method } from './method.ts';
import type { TraceRow } from './trace.ts';

type AnyMethod = InversionMethod | { kind: 'density'; method: Method };

export function runInversion(
  gpu: Gpu,
  model: ForwardModel,
  method: AnyMethod,
  settings: InversionSettings,
): Promise<Summarised<InversionResult>> {
  return surviving(gpu, settings, async (device, now) => withSummary(await invertOn(device, model, method, now)));
}

async function invertOn(gpu: Gpu, model: ForwardModel, method: AnyMethod, settings: InversionSettings): Promise<InversionResult> {
  const began = performance.now();
  const components = settings.components ?? ('components' in method ? method.components : 1);
  const members =
    method.kind === 'sigma'
      ? membersOf(components, model.dim)
      : method.kind === 'particle'
        ? method.particles
        : Math.min(DENSITY_MEMBERS, Math.floor(largestBinding(gpu.device) / (4 * Math.max(model.observations, model.dim))));
  const forward = await ForwardRun.open(gpu, model, members);
  const opened = performance.now();
  try {
    const fitted =
      method.kind === 'density'
        ? await fitDensity(forward, method.method, settings)
        : method.kind === 'sigma'
          ? await fitSigma(forward, method, components, settings)
          : await fitParticles(forward, method, settings);
    const ran = performance.now();
    const before = secondsBefore(settings);
    const compile = (opened - began) / 1000 + fitted.compileSeconds;
    const { modes, failed } = await guarded(gpu, describePosterior(forward, fitted.mixture));
    const name = method.kind === 'density' ? method.method.name : method.name;
    const options = method.kind === 'density' ? method.method.options : method.options;
    const hint =
      method.kind === 'sigma'
        ? hintOf(method, model, fitted.trace)
        : method.kind === 'particle'
          ? tooEarly(method, fitted.stops)
          : undefined;
    const count = modes.length;
    return {
      status: fitted.aborted ? 'aborted' : 'success',
      message: `${count} mode${count === 1 ? '' : 's'} of the posterior${fitted.stops.length > 0 ? `; stopped by: ${fitted.stops.join(', ')}` : ''}`,
      stopReasons: fitted.stops,
      modes,
      mixture: userMixture(model, fitted.mixture),
      transforms: model.prior.transforms.map((transform) => ({ ...transform })),
      ...(fitted.particles ? { ensemble: physicalRows(model, fitted.particles) } : {}),
      modelRuns: fitted.modelRuns + fitted.mixture.logWeights.length,
      failedRuns: fitted.failedRuns + failed,
      failedSteps: fitted.failedSteps,
      componentsRemoved: fitted.componentsRemoved,
      componentsAdded: fitted.componentsAdded,
      iterations: fitted.iterations,
      ...(hint ? { hint } : {}),
      seconds: {
        total: before + (performance.now() - began) / 1000,
        compile,
        run: before + (ran - began) / 1000 - compile,
        ...secondsOf(fitted.time),
      },
      seed: settings.seed,
      method: name,
      options: { ...options, ...budgets(settings), ...(method.kind === 'particle' ? { particles: method.particles } : { components }) },
      adapter: gpu.adapter,
      ...(fitted.variants ? { variants: fitted.variants } : {}),
      ...(fitted.warnings ? { warnings: fitted.warnings } : {}),
      gpuBytes: fitted.bytes,
      version: __VERSION__,
    };
  } finally {
    forward.dispose();
  }
}

/** A component this many times as wide as at the start has run away, and so has one that grows this much over the last iterations. */
const RUNAWAY = 10;
const GROWTH = 1.5;
const LAST = 5;

/** What a Kalman step does on a curved posterior: with no curvature along the null direction, the covariance grows there by 1/(1-h) a step. */
function hintOf(method: SigmaMethod, model: ForwardModel, trace: readonly TraceRow[]): string | undefined {
  if (!method.exploration || trace.length <= LAST) return undefined;
  const now = trace[trace.length - 1]!.widest;
  const before = trace[trace.length - 1 - LAST]!.widest;
  const first = trace[0]!.widest;
  const grows = now > GROWTH * before;
  if (now < RUNAWAY * first && !(grows && (now > first || !model.prior.proper))) return undefined;
  return `${method.name}: the spread of a component ${grows ? 'still grows' : 'has grown'} along a direction that the data do not hold (${(now / first).toPrecision(2)} times its first): the posterior looks curved, like a ring or a banana, where Kalman steps fail. Use df-gmvi, or gmbbvi with many model runs.`;
}

/** Ensemble Kalman inversion by adaptive steps is the posterior's at its end only. */
function tooEarly({ rule, step, name }: ParticleMethod, stops: readonly StopReason[]): string | undefined {
  if (rule !== 'inversion' || step !== undefined || stops.includes('settled')) return undefined;
  return `${name} was stopped before its time was up: the ensemble is on its way from the prior to the posterior. Give it more iterations.`;
}

const budgets = ({ iterations, evaluations, seconds }: InversionSettings): Record<string, number> =>
  Object.fromEntries(Object.entries({ iterations, evaluations, seconds }).filter(([, value]) => value !== undefined)) as Record<
    string,
    number
  >;
