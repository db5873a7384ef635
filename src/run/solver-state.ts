/** What a solver's checkpoint holds, and what it is a checkpoint of. */
import type { Objective } from '../objective/objective.ts';
import { type Checkpoint, mismatch, type State, stateFor } from './checkpoint.ts';
import type { Engine } from './engine.ts';
import { type Identity, layoutIdentity, methodIdentity, objectiveIdentity, variantsIdentity } from './identity.ts';
import { guarded } from './loop.ts';
import type { Method } from './method.ts';
import { checkEngine, type Limits, loadEngine, type SavedBuffers, savedControl, saveEngine } from './persistent.ts';
import { isSeen, type Seen } from './tolerances.ts';
import { packTrace, type TraceRow, unpackTrace } from './trace.ts';
import { type Chosen, describeVariants } from './variants.ts';

/** What of a solver's state lives on the host. */
export interface HostState {
  trace: TraceRow[];
  /** Points that finding the first temperature took. */
  before: number;
  /** Of running. */
  seconds: number;
  /** Where tolerances may end the run. */
  seen: Seen | undefined;
}

interface SavedSolver {
  buffers: SavedBuffers;
  trace: Float32Array;
  before: number;
  seen: Seen | undefined;
}

/** Budgets over a whole run, in the user's own terms. */
export interface SolverBudget {
  iterations?: number | undefined;
  evaluations?: number | undefined;
  target?: number | undefined;
}

/** What runs that go through the same states share. */
export const solverIdentity = (
  objective: Objective,
  method: Method,
  { components, samples, seed }: { components: number; samples: number; seed: number },
  chosen: Chosen,
): Identity => ({
  ...objectiveIdentity(objective),
  ...methodIdentity(method),
  components,
  samples,
  seed,
  ...variantsIdentity(describeVariants(method, chosen)),
  ...layoutIdentity(),
});

/** What of the budgets is left to the iterations. @param before evaluations that they do not know of */
export const solverLimits = ({ iterations, evaluations, target }: SolverBudget, sense: 1 | -1, before: number): Limits => ({
  maxIterations: iterations,
  maxEvaluations: evaluations === undefined ? undefined : Math.max(evaluations - before, 0),
  targetValue: target === undefined ? undefined : sense * target,
});

/** The state of a solver now. */
export async function captureSolver(engine: Engine, identity: Identity, { trace, before, seconds, seen }: HostState): Promise<Checkpoint> {
  const buffers = await guarded(engine.gpu, saveEngine(engine));
  const { iteration, evaluations } = savedControl(buffers);
  return {
    kind: 'solver',
    version: __VERSION__,
    adapter: engine.gpu.adapter,
    identity,
    iteration,
    evaluations: evaluations + before,
    seconds,
    state: { buffers, trace: packTrace(trace), before, seen: structuredClone(seen) as unknown as State },
  };
}

/** Checks all of a checkpoint, then sets the engine to it. @throws CheckpointError */
export function resumeSolver(engine: Engine, budget: SolverBudget, checkpoint: Checkpoint, identity: Identity): HostState {
  const { buffers, trace, before, seen } = stateFor<SavedSolver>(checkpoint, 'solver', identity);
  checkEngine(engine, buffers);
  const rows = unpackTrace(trace) ?? mismatch('the trace');
  if (!Number.isSafeInteger(before) || before < 0) mismatch('the evaluations before the first iteration');
  if (seen !== undefined && !isSeen(seen)) mismatch('what its tolerances have seen');
  loadEngine(engine, buffers, solverLimits(budget, engine.objective.text.sense, before));
  return { trace: rows, before, seconds: checkpoint.seconds, seen: structuredClone(seen) };
}
