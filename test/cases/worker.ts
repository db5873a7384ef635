/** The library in a Web Worker: the same results, errors and callbacks as without one. In a browser only. */
import { CheckpointError, createSolver, DeviceLostError, nva, OptionError, type Progress, ShaderError } from '../../src/index.ts';
import { packError, reviveError } from '../../src/worker/errors.ts';
import { createWorkerSolver, openWorker, WorkerError } from '../../src/worker/index.ts';

const himmelblau = {
  wgsl: `fn objective(x: Point) -> f32 {
  let a = x[0] * x[0] + x[1] - 11.0;
  let b = x[0] + x[1] * x[1] - 7.0;
  return a * a + b * b;
}`,
  box: [
    [-6, 6],
    [-6, 6],
  ] as [number, number][],
};
const small = { components: 4, samples: 64, seed: 5 };
const minima = [
  [3, 2],
  [-2.805118, 3.131313],
  [-3.77931, -3.283186],
  [3.584428, -1.848127],
];

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

async function rejection(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

export const cases: Record<string, (device: GPUDevice) => Promise<void>> = {
  'a solver in a worker takes the same steps, bit for bit': async () => {
    const here = await createSolver(himmelblau, nva({ cooling: 0.2 }), small);
    const there = await createWorkerSolver(himmelblau, { name: 'nva', options: { cooling: 0.2 } }, small);
    try {
      check(JSON.stringify(there.snapshot) === JSON.stringify(here.snapshot), 'another start');
      for (const steps of [1, 7]) {
        const [a, b] = [await here.step(steps), await there.step(steps)];
        check(a.iteration > 0 && JSON.stringify(a) === JSON.stringify(b), `other states after ${steps}`);
        check(there.snapshot === b, 'the last snapshot is not kept');
      }
      check(JSON.stringify(await there.trace()) === JSON.stringify(here.trace), 'another trace');
    } finally {
      here.dispose();
      there.dispose();
    }
  },

  'snapshots come when they are asked for, until the run ends': async () => {
    const solver = await createWorkerSolver(himmelblau, undefined, { ...small, iterations: 12 });
    let last = -1;
    let count = 0;
    for await (const { iteration } of solver) {
      check(iteration > last, `${iteration} after ${last}`);
      last = iteration;
      count++;
    }
    check(last === 12 && count >= 2, `${count} snapshots, the last of iteration ${last}`);
    check(solver.snapshot.stopReasons.includes('iterations'), `stopped by ${solver.snapshot.stopReasons}`);
    solver.dispose();
  },

  'a run tells its progress, and its signal stops it': async () => {
    const controller = new AbortController();
    const solver = await createWorkerSolver(himmelblau, undefined, { ...small, signal: controller.signal });
    const seen: number[] = [];
    const snapshot = await solver.run(({ iteration }) => {
      seen.push(iteration);
      controller.abort();
    });
    check(seen.length >= 1 && seen.every((iteration, i) => i === 0 || iteration > seen[i - 1]!), `progress ${seen}`);
    check(snapshot.stopReasons.includes('aborted'), `stopped by ${snapshot.stopReasons}`);
    solver.dispose();
  },

  'asked points and told values move, they are not copied': async () => {
    const method = { name: 'nva', options: { firstTemperature: 50 } } as const;
    const solver = await createWorkerSolver({ box: himmelblau.box }, method, { ...small, iterations: 20 });
    for (let i = 0; i < 3; i++) {
      const { points, count, dim } = await solver.ask();
      check(points instanceof Float64Array && points.length === count * dim && dim === 2, `${count} points`);
      const values = Float32Array.from({ length: count }, (_, n) => {
        const [x, y] = [points[2 * n]!, points[2 * n + 1]!];
        return (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2;
      });
      const snapshot = await solver.tell(values);
      check(values.length === 0, 'the values were copied');
      check(snapshot.iteration === i + 1, `iteration ${snapshot.iteration}`);
    }
    const plain = await rejection(solver.tell([1, 2]));
    check(plain instanceof OptionError && /ask\(\)/.test(plain.message), `${plain}`);
    solver.dispose();
  },

  'minimize in a worker, with progress, data handed over and a host objective': async () => {
    const worker = openWorker();
    try {
      const rows: number[] = [];
      const result = await worker.minimize({
        ...himmelblau,
        seed: 1,
        onProgress: (progress: Progress) => rows.push(...progress.rows.map(({ iteration }) => iteration)),
      });
      for (const mode of minima) {
        check(
          result.modes.some(({ x }) => Math.hypot(x[0]! - mode[0]!, x[1]! - mode[1]!) < 1e-3),
          `no mode at ${mode}`,
        );
      }
      check(rows.length > 10, `${rows.length} trace rows`);

      const data = { shift: new Float32Array([0.5, -0.5]) };
      const wgsl = 'fn objective(x: Point) -> f32 { let u = x[0] - shift[0]; let v = x[1] - shift[1]; return u * u + v * v; }';
      const box = [[-2, 2], [-2, 2]] as [number, number][]; // biome-ignore format: a box
      const bounds = { box, evaluations: 20_000 };
      const kept = await worker.minimize({ wgsl, data, ...bounds });
      check(data.shift.length === 2, 'the data were taken without leave');
      const moved = await worker.minimize({ wgsl, data, transfer: true, ...bounds });
      check((data.shift.length as number) === 0, 'the data were copied');
      check(JSON.stringify(kept.modes) === JSON.stringify(moved.modes), 'other modes');
      check(Math.hypot(kept.modes[0]!.x[0]! - 0.5, kept.modes[0]!.x[1]! + 0.5) < 1e-3, `mode ${kept.modes[0]!.x}`);

      const host = (x: Float64Array, count: number) =>
        Float64Array.from({ length: count }, (_, n) => (x[2 * n]! - 1) ** 2 + x[2 * n + 1]! ** 2);
      const asked = await worker.minimize({ host, ...bounds, evaluations: 4000 });
      check(Math.hypot(asked.modes[0]!.x[0]! - 1, asked.modes[0]!.x[1]!) < 1e-4, `mode ${asked.modes[0]!.x}`);
      const failed = await rejection(
        worker.minimize({
          ...bounds,
          host: () => {
            throw new TypeError('the page objects');
          },
        }),
      );
      check(/the page objects/.test(failed.message), `${failed}`);
    } finally {
      worker.dispose();
    }
  },

  'sample in a worker, by a named method': async () => {
    const worker = openWorker();
    try {
      const box = [[-4, 4]] as [number, number][];
      const wgsl = 'fn objective(x: Point) -> f32 { return -0.5 * x[0] * x[0]; }';
      const method = { name: 'posteriorNva', options: { components: 2 } } as const;
      const posterior = await worker.sample({ wgsl, box, method, iterations: 20, draws: 50 });
      check(posterior.draws.length === 50 && posterior.drawValues.length === 50, `${posterior.draws.length} draws`);
      const code = await rejection(worker.sample({ wgsl, box, method: { name: 'gmmvi', code: 'ZAMTRU' } }));
      check(code instanceof OptionError, `${code}`);
    } finally {
      worker.dispose();
    }
  },

  'invert in a worker, by a named method': async () => {
    const worker = openWorker();
    try {
      const forward = 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0] * theta[0]; }';
      const inversion = { wgsl: forward, dim: 1, y: [1], noise: 0.2, prior: { mean: 0, deviation: 2 }, iterations: 10 };
      const { modes, method: name } = await worker.invert({ ...inversion, method: { name: 'gmki', options: { components: 4 } } });
      check(name === 'gmki' && modes.length >= 1 && Math.abs(Math.abs(modes[0]!.x[0]!) - 1) < 0.3, `${name}: ${modes[0]?.x}`);
      const unknown = await rejection(worker.invert({ ...inversion, method: { name: 'gmkj' } as never }));
      check(unknown instanceof OptionError && /did you mean gmki/.test(unknown.message), `${unknown}`);
    } finally {
      worker.dispose();
    }
  },

  'errors arrive as the classes they are, with their fields': async () => {
    const worker = openWorker();
    try {
      const box = himmelblau.box;
      const wgsl = 'fn objective(x: Point) -> f32 {\n  return x[0] + ;\n}';
      const shader = await rejection(worker.minimize({ wgsl, box, file: 'mine.wgsl' }));
      check(shader instanceof ShaderError && shader.file === 'mine.wgsl' && shader.line === 2, `${shader}: ${JSON.stringify(shader)}`);
      check(shader.name === 'ShaderError' && Object.prototype.toString.call(shader) === '[object Error]', 'no true error');
      const option = await rejection(worker.minimize({ ...himmelblau, components: -1 }));
      check(option instanceof OptionError && /components is -1/.test(option.message), `${option}`);
      const created = await rejection(createWorkerSolver(himmelblau, { name: 'nvaa' } as never));
      check(created instanceof OptionError && /did you mean nva/.test(created.message), `${created}`);
      const spec = await rejection(worker.minimize({ ...himmelblau, method: nva() as never }));
      check(spec instanceof OptionError && /methods by name/.test(spec.message), `${spec}`);
      const exact = await rejection(worker.minimize({ ...himmelblau, exact: { value: () => 0 } } as never));
      check(exact instanceof OptionError && /exact cannot be sent/.test(exact.message), `${exact}`);
    } finally {
      worker.dispose();
    }
    const lost = reviveError(structuredClone(packError(new DeviceLostError('gone', 'destroyed', { iteration: 3 }))));
    check(lost instanceof DeviceLostError && lost.reason === 'destroyed', `${lost}`);
    check((lost.snapshot as { iteration: number }).iteration === 3, 'the snapshot is gone');
    const odd = reviveError(structuredClone(packError(Object.assign(new RangeError('odd'), { callback: () => {} }))));
    check(odd.name === 'RangeError' && odd.message === 'odd', `${odd}`);
  },

  'a solver is saved in one worker and goes on in another, with the same bits; pauses hold': async () => {
    const first = await createWorkerSolver(himmelblau, undefined, small);
    const second = await createWorkerSolver(himmelblau, undefined, small);
    try {
      await first.step(3);
      const saved = await first.save();
      check(saved instanceof Uint8Array && saved.length > 100, `${saved.length} bytes`);
      const restored = await second.restore(saved);
      check(restored.iteration === 3, `iteration ${restored.iteration}`);
      const [a, b] = [await first.step(2), await second.step(2)];
      check(JSON.stringify(a) === JSON.stringify(b), 'they went on differently');
      const broken = await rejection(second.restore(saved.slice(0, 50)));
      check(broken instanceof CheckpointError && typeof broken.fault === 'string', `${broken}`);

      first.pause();
      let last = 0;
      const running = first.run(({ iteration }) => {
        last = iteration;
      });
      await new Promise((resolve) => setTimeout(resolve, 600));
      const held = last;
      await new Promise((resolve) => setTimeout(resolve, 600));
      check(last === held, `went on from ${held} to ${last}`);
      first.resume();
      check((await running).iteration > Math.max(held, 5), 'it never went on');
    } finally {
      first.dispose();
      second.dispose();
    }
  },

  'disposing ends the worker and what runs in it': async () => {
    const solver = await createWorkerSolver(himmelblau, undefined, small);
    const running = solver.run();
    solver.dispose();
    const ended = await rejection(running);
    check(ended instanceof WorkerError && /disposed/.test(ended.message), `${ended}`);
    const after = await rejection(solver.step());
    check(after instanceof WorkerError, `${after}`);

    const missing = new Worker('/no/such/worker.js', { type: 'module' });
    const failed = await rejection(createWorkerSolver(himmelblau, undefined, { worker: missing }));
    check(failed instanceof WorkerError, `${failed}`);
    missing.terminate();
  },

  'a worker of the caller is shared and never terminated': async () => {
    const own = new Worker(new URL('../../src/worker/script.ts', import.meta.url), { type: 'module' });
    const first = await createWorkerSolver(himmelblau, undefined, { ...small, worker: own });
    const second = await createWorkerSolver(himmelblau, undefined, { ...small, worker: own });
    const [a, b] = await Promise.all([first.step(3), second.step(3)]);
    check(JSON.stringify(a) === JSON.stringify(b), 'the two differ');
    first.dispose();
    check((await second.step(1)).iteration === 4, 'the other one ended too');
    second.dispose();
    own.terminate();
  },
};
