/** The part of a plan that only methods have whose samples are counted out on the GPU: loaded with the first of them. */
import { assertBinding, largestBinding } from '../gpu/device.ts';
import { historySize } from '../kernels/adapt.ts';
import type { SamplePlan } from '../sampler/plan.ts';
import { planRows } from '../sampler/plan-rows.ts';
import { type Method, reusedRows } from './method.ts';

/** Most rows drawn in an iteration, and most drawn and reused. */
function rowsOf(method: Method, capacity: number, samples: number): { fresh: number; rows: number } {
  const wanted = method.sampling === 'component' ? capacity * samples : samples;
  const fresh = Math.max(Math.min(wanted, method.batch?.budget ?? wanted), method.sampling === 'component' ? capacity : 1);
  return { fresh, rows: fresh + capacity * reusedRows(method, samples) };
}

/**
 * @param room as in {@link planRows}
 * @throws LimitError
 */
export async function planAllotted(
  device: GPUDevice,
  method: Method,
  dim: number,
  capacity: number,
  samples: number,
  room: { perSample: number; largest: number },
): Promise<SamplePlan> {
  const { covariance, estimator, adapt } = method;
  const wanted = rowsOf(method, capacity, samples);
  const fit = estimator === 'quadratic' ? await import('../kernels/regress.ts') : undefined;
  fit?.checkFit(dim, covariance, largestBinding(device));
  const perComponent = fit
    ? Math.max(fit.gramSize(dim, covariance), fit.rowsOfSize(wanted.rows), fit.fitSize(dim, covariance, wanted.rows))
    : 0;
  const plan = planRows({ ...room, ...wanted, components: capacity, perComponent, pastRows: adapt?.pastRows ?? 0 });
  if (adapt && plan.pastRows > 0) {
    const fits = 2 ** Math.floor(Math.log2(largestBinding(device) / 4 / (dim + 1)));
    assertBinding(device, `${plan.pastRows} past samples`, 4 * plan.pastRows * (dim + 1), `At most ${fits} fit: give pastSamples.`, fits);
    const history = 4 * historySize(capacity, adapt.removeAfter);
    assertBinding(device, 'The histories of components', history, 'Use a smaller removeAfter or capacity.');
  }
  return plan;
}
