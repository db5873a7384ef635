/** The worker's side: the library's functions by name, with solvers kept here and results sent back. */
import { type ProxyMarked, type Remote, releaseProxy, transfer } from 'comlink';
import { OptionError } from '../gpu/errors.ts';
import {
  createSolver,
  gmmvi,
  type HostObjective,
  inversionMethods,
  invert,
  maximize,
  minimize,
  nva,
  posteriorNva,
  type Snapshot,
  type Solver,
  sample,
} from '../index.ts';
import { unknownName } from '../run/options.ts';
import { type Outcome, packError } from './errors.ts';
import type { Service, Verb, WorkerInversionMethod } from './protocol.ts';

const verbs: Record<Verb, (options: never) => Promise<unknown>> = { minimize, maximize, sample, invert };

export function createService(): Service {
  const aborts = new Map<number, AbortController>();
  const solvers = new Map<number, { solver: Solver; snapshots?: AsyncIterator<Snapshot>; call: number; host: HostObjective | undefined }>();
  let made = 0;

  const signalOf = (call: number): AbortSignal => {
    const controller = new AbortController();
    aborts.set(call, controller);
    return controller.signal;
  };
  const held = (id: number) => {
    const found = solvers.get(id);
    if (!found) throw new OptionError('this solver has been disposed');
    return found;
  };

  return {
    search: (verb, call, options, host, onProgress, onCheckpoint) =>
      settle(async () => {
        const progress = relay(onProgress);
        try {
          const full = {
            ...withMethod(options, verb === 'invert'),
            ...(host ? { host } : {}),
            ...(progress ? { onProgress: progress.send } : {}),
            ...(onCheckpoint ? { onCheckpoint: (bytes: Uint8Array<ArrayBuffer>) => onCheckpoint(transfer(bytes, [bytes.buffer])) } : {}),
            signal: signalOf(call),
          };
          return (await verbs[verb](full as never)) as never;
        } finally {
          aborts.delete(call);
          await progress?.end();
          release(host);
          release(onCheckpoint);
        }
      }),
    abort: (call) => aborts.get(call)?.abort(),
    createSolver: (call, target, method, options, host) =>
      settle(async () => {
        const full = { ...target, ...(host ? { host } : {}) } as Parameters<typeof createSolver>[0];
        try {
          const chosen = method && (methodOf(method, false) as ReturnType<typeof nva>);
          const solver = await createSolver(full, chosen, { ...options, signal: signalOf(call) });
          const id = ++made;
          solvers.set(id, { solver, call, host });
          return { solver: id, snapshot: solver.snapshot };
        } catch (error) {
          aborts.delete(call);
          release(host);
          throw error;
        }
      }),
    step: (id, iterations) => settle(() => held(id).solver.step(iterations)),
    run: (id, onProgress) =>
      settle(async () => {
        const progress = relay(onProgress);
        try {
          return await held(id).solver.run(progress?.send);
        } finally {
          await progress?.end();
        }
      }),
    next: (id, first) =>
      settle(async () => {
        const entry = held(id);
        if (first || !entry.snapshots) entry.snapshots = entry.solver[Symbol.asyncIterator]();
        const { done, value } = await entry.snapshots.next();
        return done ? undefined : value;
      }),
    ask: async (id) => {
      const asked = await settle(() => held(id).solver.ask());
      return 'value' in asked ? transfer(asked, [asked.value.points.buffer as ArrayBuffer]) : asked;
    },
    tell: (id, values) => settle(() => held(id).solver.tell(values)),
    trace: (id) => settle(async () => held(id).solver.trace),
    save: async (id) => {
      const saved = await settle(() => held(id).solver.save());
      return 'value' in saved ? transfer(saved, [saved.value.buffer]) : saved;
    },
    restore: (id, saved) => settle(() => held(id).solver.restore(saved)),
    pause: (id) => solvers.get(id)?.solver.pause(),
    resume: (id) => solvers.get(id)?.solver.resume(),
    disposeSolver: (id) => {
      const entry = solvers.get(id);
      if (!entry) return;
      solvers.delete(id);
      aborts.delete(entry.call);
      entry.solver.dispose();
      release(entry.host);
    },
  };
}

async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: packError(error) };
  }
}

function withMethod(options: object, inversion: boolean): object {
  const { method } = options as { method?: string | WorkerInversionMethod };
  return method === undefined || typeof method === 'string' ? options : { ...options, method: methodOf(method, inversion) };
}

/** @throws OptionError for an unknown name. */
function methodOf(method: WorkerInversionMethod, inversion: boolean) {
  if (method.name === 'nva') return nva(method.options);
  if (method.name === 'posteriorNva') return posteriorNva(method.options);
  if (method.name === 'gmmvi') return gmmvi(method.code, method.options);
  const known = inversion && Object.hasOwn(inversionMethods, method.name) ? inversionMethods[method.name] : undefined;
  if (!known) {
    const names = ['nva', 'posteriorNva', 'gmmvi', ...(inversion ? Object.keys(inversionMethods) : [])];
    throw unknownName('method', String(method.name), names);
  }
  return known(method.options);
}

/**
 * Calls back on the page, one call at a time: while one is on its way the newest waits, with the trace rows of those it replaces, so that a
 * busy page is never flooded.
 */
function relay<P extends object>(callback: ((progress: P) => void) | undefined) {
  if (!callback) return undefined;
  let waiting: P | undefined;
  let sending: Promise<void> | undefined;
  let failure: unknown;
  const drain = async () => {
    while (waiting) {
      const progress = waiting;
      waiting = undefined;
      await callback(progress);
    }
  };
  return {
    send: (progress: P): void => {
      if (failure) throw failure; // as a callback that throws does without a worker
      const earlier = (waiting as { rows?: unknown[] } | undefined)?.rows ?? [];
      waiting = 'rows' in progress ? { ...progress, rows: [...earlier, ...(progress.rows as unknown[])] } : progress;
      sending ??= drain()
        .catch((error) => {
          failure = error;
        })
        .finally(() => {
          sending = undefined;
        });
    },
    end: async (): Promise<void> => {
      await sending;
      release(callback);
    },
  };
}

/** The page keeps what a proxy stands for until the proxy is released. */
function release(proxy: unknown): void {
  (proxy as Remote<ProxyMarked> | undefined)?.[releaseProxy]?.();
}
