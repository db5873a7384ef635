/** What a run takes: how many components at most, how its samples are laid out, and whether the device can hold it. */
import { assertBinding, largestBinding } from '../gpu/device.ts';
import { LimitError, OptionError } from '../gpu/errors.ts';
import { derivativesOf } from '../kernels/estimator.ts';
import { MAX_HESSIAN_DIM, pairs, partSize } from '../kernels/state.ts';
import type { Objective } from '../objective/objective.ts';
import { planSamples, type SamplePlan } from '../sampler/plan.ts';
import { slopeRows } from './allocation.ts';
import { isAllotted, type Method } from './method.ts';
import { type Chosen, inBlocks } from './variants.ts';

export interface EngineShape {
  components: number;
  /** Samples per component and iteration. */
  samples: number;
  seed: number;
  /** Floats a chunk buffer may hold; default what the device's bindings take. Never changes a result. */
  chunkFloats?: number | undefined;
  /** Whitened draws are left in the buffer `ms_eps`, for views; else they may never get there. Never changes a result. */
  keepDraws?: boolean | undefined;
  /** Kernel variants; default those of the fixed rule. */
  chosen?: Chosen | undefined;
}

/** @throws LimitError before anything is allocated. */
export async function planRun(
  device: GPUDevice,
  objective: Objective,
  method: Method,
  shape: EngineShape,
): Promise<{ plan: SamplePlan; capacity: number }> {
  const dim = objective.box.dim;
  const { samples } = shape;
  const capacity = Math.max(shape.components, method.adapt?.capacity ?? 0);
  if (method.adapt && method.options.capacity !== undefined && shape.components > method.adapt.capacity) {
    throw new OptionError(`components is ${shape.components}, more than the capacity of ${method.adapt.capacity}; raise capacity`);
  }
  const { covariance, estimator } = method;
  const derivatives = derivativesOf[estimator];
  checkHessian(dim, estimator);
  checkNodes(dim, method, samples);
  const entries = pairs(dim, covariance);
  const factorBytes = 8 * entries * capacity;
  assertBinding(
    device,
    `A ${covariance} covariance of ${capacity} components in ${dim} dimensions`,
    factorBytes,
    `At most ${Math.floor(largestBinding(device) / (8 * entries))} components fit${covariance === 'full' ? ', or use covariance: diagonal' : ''}.`,
    Math.floor(largestBinding(device) / (8 * entries)),
  );
  const shared = method.sampling !== 'own';
  const perSample = derivatives === 'value' ? dim : slopeRows(method, dim);
  const largest = Math.min(largestBinding(device) / 4, 2 ** 25, shape.chunkFloats ?? Number.POSITIVE_INFINITY);
  const partFloats = partSize(dim, covariance);
  const plan = isAllotted(method)
    ? await (await import('./plan-allotted.ts')).planAllotted(device, method, dim, capacity, samples, { perSample, largest })
    : planSamples({
        components: capacity,
        samplesPerComponent: samples,
        sampling: method.sampling,
        partSize: partFloats,
        perSample,
        largest,
        whole: method.nodes === 'whitened',
        alone: inBlocks(method),
      });
  const values = shared ? plan.samples : capacity * plan.samples;
  if ((estimator === 'ranked' || objective.kind === 'ask') && plan.batches.length > 1) {
    const fits = Math.floor(largest / Math.max(perSample, shared ? capacity : 0) / capacity);
    throw new LimitError(
      `${estimator === 'ranked' ? 'Rank-based estimators need' : 'ask() gives'} all samples of an iteration at once: ${values} samples in ${dim} dimensions do not fit one binding. Use at most ${fits} samples a component.`,
      'maxStorageBufferBindingSize',
      4 * values * dim,
      4 * largest,
      fits,
    );
  }
  assertBinding(
    device,
    `Partial sums of ${capacity} components`,
    4 * capacity * plan.leaves * partFloats,
    method.adapt ? 'Use a smaller capacity or fewer samples.' : 'Use fewer components.',
  );
  for (const [name, array] of Object.entries(objective.data)) {
    assertBinding(device, `data.${name}`, array.byteLength, `At most ${Math.floor(largestBinding(device) / 4)} numbers fit.`);
  }
  return { plan, capacity };
}

function checkNodes(dim: number, method: Method, samples: number): void {
  if (method.nodes !== 'whitened' || samples > dim) return;
  throw new OptionError(
    `samples is ${samples}; ${method.name} whitens each component's samples, which takes ${dim + 1} or more in ${dim} dimensions`,
  );
}

function checkHessian(dim: number, estimator: Method['estimator']): void {
  if (estimator !== 'hessian' || dim <= MAX_HESSIAN_DIM) return;
  throw new LimitError(
    `The Hessian estimator holds two ${dim} x ${dim} matrices a sample, more than WGSL's 8 KiB of variables a function; it goes up to ${MAX_HESSIAN_DIM} dimensions. Use the Stein estimator.`,
    'function variables',
    dim,
    MAX_HESSIAN_DIM,
    MAX_HESSIAN_DIM,
  );
}
