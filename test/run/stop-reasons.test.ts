/** Every reason for which a run stops, each triggered; and the ends by tolerances are the same however iterations are submitted. */
import { describe, expect, it } from 'vitest';
import {
  createSolver,
  eki,
  invert,
  minimize,
  nva,
  OptionError,
  type SolverOptions,
  type StopReason,
  type Tolerances,
} from '../../src/index.ts';
import { conditionNumber } from '../../src/result/condition.ts';
import { getDevice } from '../harness/device.ts';

const bowl = 'fn objective(x: Point) -> f32 { return x[0] * x[0] + x[1] * x[1]; }';
const plateau = 'fn objective(x: Point) -> f32 { return 1.0; }';
const slope = 'fn objective(x: Point) -> f32 { return x[0]; }';
const ravine = 'fn objective(x: Point) -> f32 { return x[0] * x[0] + 1.0e5 * x[1] * x[1]; }';
const box: [number, number][] = [
  [-1, 1],
  [-1, 1],
];

/** Quick to compile. */
const climb = nva({ estimator: 'score', covariance: 'diagonal' });

async function end(wgsl: string, options: SolverOptions, method = climb, boundary: 'none' | 'penalise' = 'penalise') {
  const solver = await createSolver({ wgsl, box, boundary }, method, {
    device: await getDevice(),
    components: 2,
    samples: 32,
    iterations: 600,
    ...options,
  });
  const { stopReasons, iteration, evaluations } = await solver.run();
  solver.dispose();
  return { stopReasons, iteration, evaluations };
}

describe('budgets', () => {
  const cases: [StopReason, string, SolverOptions][] = [
    ['iterations', bowl, { iterations: 5 }],
    ['evaluations', bowl, { evaluations: 700 }],
    ['seconds', bowl, { seconds: 1e-3, iterations: 100_000 }],
    ['target', bowl, { target: 0.01 }],
    ['final temperature', bowl, {}],
    ['aborted', bowl, { signal: AbortSignal.abort() }],
  ];
  for (const [reason, wgsl, options] of cases) {
    it(reason, async () => {
      const method = reason === 'final temperature' ? nva({ estimator: 'score', covariance: 'diagonal', finalTemperature: 0.05 }) : climb;
      expect((await end(wgsl, options, method)).stopReasons).toEqual([reason]);
    });
  }

  it('no usable values', async () => {
    const nowhere = 'fn objective(x: Point) -> f32 { return sqrt(-1.0 - x[0] * x[0]); }';
    expect((await end(nowhere, {}, nva({ estimator: 'score', covariance: 'diagonal', firstTemperature: 1 }))).stopReasons).toEqual([
      'no usable values',
    ]);
  });
});

describe('ends of whole runs', () => {
  /** More optima than a few waves can show. */
  const waving = 'fn objective(x: Point) -> f32 { return sin(40.0 * x[0]) * sin(40.0 * x[1]); }';
  const run = async (wgsl: string, more: object) =>
    (await minimize({ device: await getDevice(), wgsl, box, method: climb, components: 2, samples: 32, ...more })).stopReasons;

  it('all modes found', async () => {
    expect(await run(bowl, {})).toEqual(['all modes found']);
  });

  it('no mode in sight', async () => {
    expect(await run(plateau, {})).toEqual(['no mode in sight']);
  });

  it('waves', async () => {
    expect(await run(waving, { waves: 2 })).toEqual(['waves']);
  });

  it('budgets of a search', async () => {
    expect(await run(waving, { evaluations: 400 })).toEqual(['evaluations']);
    expect(await run(bowl, { iterations: 3 })).toEqual(['iterations']);
    expect(await run(waving, { seconds: 1e-3 })).toEqual(['seconds']);
    expect(await run(bowl, { target: 0.01 })).toEqual(['target']);
    expect(await run(bowl, { signal: AbortSignal.abort() })).toEqual(['aborted']);
  });

  it('settled: an ensemble whose time is up', async () => {
    const { stopReasons } = await invert({
      device: await getDevice(),
      wgsl: 'fn forward(theta: Point, y: ptr<function, Observation>) { (*y)[0] = theta[0]; }',
      dim: 1,
      y: [1],
      noise: 0.5,
      prior: { mean: 0, deviation: 1 },
      method: eki({ particles: 20 }),
    });
    expect(stopReasons).toEqual(['settled']);
  });
});

describe('tolerances, under the names of pycma', () => {
  const still = nva({ estimator: 'score', covariance: 'diagonal', schedule: 'fixed', firstTemperature: 1 });
  const cases: [keyof Tolerances, string, Tolerances, typeof climb?, 'none'?][] = [
    ['tolfun', bowl, { tolfun: 1e-3 }],
    ['tolfunhist', bowl, { tolfunhist: 1e-6 }],
    ['tolfunrel', bowl, { tolfunrel: 0.01 }],
    ['tolx', bowl, { tolx: 0.05 }],
    ['tolfacupx', slope, { tolfacupx: 3 }, still, 'none'],
    ['tolupsigma', plateau, { tolupsigma: 2 }, still, 'none'],
    ['tolconditioncov', ravine, { tolconditioncov: 1e3 }],
    ['tolflatfitness', plateau, { tolflatfitness: 3 }, still, 'none'],
    ['tolstagnation', bowl, { tolstagnation: 40 }],
    ['tolxstagnation', bowl, { tolxstagnation: { distance: 0.01, iterations: 30 } }],
    ['termination', bowl, { termination: ({ iteration }) => iteration >= 25 }],
  ];
  for (const [name, wgsl, stop, method, boundary] of cases) {
    it(name, async () => {
      const { stopReasons, iteration } = await end(wgsl, { stop }, method, boundary);
      expect(stopReasons).toEqual([name]);
      expect(iteration % 10).toBe(0);
      expect(iteration).toBeLessThan(600);
    });
  }

  it('the same end by steps, and from a checkpoint', async () => {
    const device = await getDevice();
    const options = { device, components: 2, samples: 32, stop: { tolx: 0.05 }, iterations: 600 };
    const target = { wgsl: bowl, box };
    const whole = await createSolver(target, climb, options);
    await whole.run();
    const parts = await createSolver(target, climb, options);
    await parts.step(7);
    const resumed = await createSolver(target, climb, { ...options, checkpoint: await parts.save() });
    for (const solver of [parts, resumed]) {
      while (solver.snapshot.stopReasons.length === 0) await solver.step(3);
      expect(solver.snapshot).toEqual(whole.snapshot);
    }
    // It has ended, also for whoever gets its checkpoint; unless they ask for more.
    const { iteration } = await whole.step(5);
    expect(iteration).toBe(parts.snapshot.iteration);
    const over = await createSolver(target, climb, { ...options, checkpoint: await whole.save() });
    expect((await over.run()).stopReasons).toEqual(['tolx']);
    const finer = await createSolver(target, climb, { ...options, stop: { tolx: 0.02 }, checkpoint: await whole.save() });
    expect((await finer.run()).iteration).toBeGreaterThan(iteration);
    for (const solver of [whole, parts, resumed, over, finer]) solver.dispose();
  });

  it('of solvers that are asked and told', async () => {
    const method = nva({ estimator: 'score', covariance: 'diagonal', firstTemperature: 1 });
    const solver = await createSolver({ box }, method, { device: await getDevice(), components: 1, samples: 32, stop: { tolx: 0.1 } });
    for (let t = 0; t < 500 && solver.snapshot.stopReasons.length === 0; t++) {
      const { points, count } = await solver.ask();
      await solver.tell(Array.from({ length: count }, (_, i) => points[2 * i]! ** 2 + points[2 * i + 1]! ** 2));
    }
    expect(solver.snapshot.stopReasons).toEqual(['tolx']);
    await expect(solver.ask()).rejects.toThrow(/the run has ended \(tolx\)/);
    solver.dispose();
  });

  it('of a search: one annealing ends, and the caller’s own ends all', async () => {
    const device = await getDevice();
    const run = (more: object) => minimize({ device, wgsl: bowl, box, method: climb, components: 2, samples: 32, ...more });
    const one = await run({ waves: 1, stop: { tolx: 0.05 } });
    expect(one.stopReasons).toEqual(['tolx']);
    expect(one.modes).toHaveLength(1);
    expect((await run({ stop: { tolx: 0.05 } })).stopReasons).toEqual(['all modes found']);
    expect((await run({ stop: { termination: () => true } })).stopReasons).toEqual(['termination']);
  });

  it('mistakes are told', async () => {
    const device = await getDevice();
    const told = (stop: object) => expect(createSolver({ wgsl: bowl, box }, climb, { device, stop })).rejects;
    await told({ tolfn: 1 }).toThrow(/tolfn.*did you mean tolfun/);
    await told({ tolx: -1 }).toThrow(/stop\.tolx is -1/);
    await told({ tolxstagnation: 5 }).toThrow(/stop\.tolxstagnation\.distance/);
    await told({ termination: true }).toThrow(OptionError);
  });
});

it('condition numbers', () => {
  expect(conditionNumber(Float64Array.of(4, 0, 0, 1), 2)).toBeCloseTo(4, 6);
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const rotated = Float64Array.of(c * c * 1e6 + s * s, c * s * (1e6 - 1), c * s * (1e6 - 1), s * s * 1e6 + c * c);
  expect(conditionNumber(rotated, 2) / 1e6).toBeCloseTo(1, 4);
  expect(conditionNumber(Float64Array.of(1, 1, 1, 1), 2)).toBe(Number.POSITIVE_INFINITY);
});
