/** Which kernel variants a run takes: by the fixed rule, by trial, or those of the run that it goes on with. */
import { type Gpu, shouldReadByQuads } from '../gpu/device.ts';
import type { Objective } from '../objective/objective.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Method } from './method.ts';
import { type EngineShape, planRun } from './plan-run.ts';
import { type Chosen, fixedChoice, type Tuning } from './variants.ts';

/**
 * @param tuning default: that of the checkpoint, or `fixed`
 * @throws LimitError, as an engine of this shape would; errors of the user's own WGSL, where candidates are tried
 */
export async function chooseFor(
  gpu: Gpu,
  objective: Objective,
  method: Method,
  shape: EngineShape,
  tuning?: Tuning,
  checkpoint?: Checkpoint,
): Promise<Chosen> {
  const saved = checkpoint?.identity;
  if ((tuning ?? saved?.['variants.tuning']) !== 'auto') {
    // Where the run to go on with did without, so can this device.
    const quads = shouldReadByQuads(gpu) && (!saved || /by quads/.test(`${saved['variants.moments']} ${saved['variants.parameters']}`));
    const { plan, capacity } = await planRun(gpu.device, objective, method, shape);
    return fixedChoice(method, objective, plan, capacity, shape.keepDraws, quads);
  }
  // Loaded when needed: it is no part of a page that does not tune.
  const { sameVariants, tune } = await import('./tune.ts');
  return saved ? sameVariants(gpu, objective, method, shape, saved) : tune(gpu, objective, method, shape);
}
