/** Ensemble Kalman inversion and the ensemble Kalman sampler on a problem with a known answer. */
import { describe, expect, it } from 'vitest';
import { LimitError } from '../../src/gpu/errors.ts';
import { stopBit } from '../../src/kernels/state.ts';
import { eki, eks } from '../../src/method/ensemble.ts';
import { readForward } from '../../src/objective/forward.ts';
import { whitenResidual } from '../../src/objective/noise.ts';
import { runLoop } from '../../src/run/loop.ts';
import type { TraceRow } from '../../src/run/trace.ts';
import {
  deviations,
  driftStep,
  type Ensemble,
  misfitStep,
  moveByWeights,
  particleNoise,
  particleNormals,
  particlePurpose,
  ridgeOf,
} from '../reference/ensemble.ts';
import { apply, type Matrix, multiply, sum, transpose, type Vector } from '../reference/matrix.ts';
import { expectStandard, linearTarget, momentsOf, standardised, withEnsemble } from './ensemble-cases.ts';

const model = readForward(linearTarget);
const { dim, observations, prior } = model;

const inverseFactor: Matrix = Array.from({ length: dim }, (_, i) =>
  Array.from({ length: dim }, (_, j) => prior.correlation!.inverse[i * dim + j]!),
);

/** The model in float64, from search coordinates. */
function ensembleAt(particles: Matrix): Ensemble {
  const predict = (u: Vector): Vector => {
    const theta = u.map((entry, i) => prior.mean[i] + prior.deviation[i] * entry);
    return [theta[0] + 0.5 * theta[1], theta[1] - theta[2], theta[0] + theta[1] + theta[2], 0.5 * theta[0] + 2 * theta[2]];
  };
  const residuals = particles.map((u) => Array.from(whitenResidual(model.y, predict(u), model.noise)));
  return { particles, residuals, misfits: residuals.map((row) => 0.5 * sum(row.map((entry) => entry * entry))) };
}

/** What the engine does in an iteration, in float64. */
function twinIteration(
  rule: 'eki' | 'eks',
  particles: Matrix,
  time: number,
  round: number,
  seed: number,
): { particles: Matrix; step: number } {
  const ensemble = ensembleAt(particles);
  const own = deviations(ensemble);
  if (rule === 'eki') {
    const step = misfitStep(ensemble.misfits, observations, time);
    const innovations = ensemble.residuals.map((row, j) =>
      row.map((entry, i) => entry + particleNormals(particlePurpose.draw, j, i >> 2, 0, round, [seed, 0]).normals[i & 3] / Math.sqrt(step)),
    );
    const rightSide = multiply(own.responses, transpose(innovations));
    return { particles: moveByWeights(ensemble, own.responses, ridgeOf('inversion', own.count, step), rightSide), step };
  }
  const responses = own.responses.map((row, j) => [...row, ...apply(inverseFactor, own.particles[j])]);
  const innovations = ensemble.residuals.map((row, j) => [...row, ...apply(inverseFactor, particles[j]).map((entry) => -entry)]);
  const products = multiply(responses, transpose(innovations));
  const step = driftStep(products, ensemble.misfits);
  const ridge = ridgeOf('sampler', own.count, step);
  const noise = particles.map((_, j) => particleNoise(particlePurpose.draw, j, particles.length, round, [seed, 0]).xi);
  const rightSide = products.map((row, k) =>
    row.map((product, j) => 2 * (product + (k === j ? dim + 1 : 0) + Math.sqrt(ridge) * noise[j][k])),
  );
  return { particles: moveByWeights(ensemble, responses, ridge, rightSide), step };
}

describe('the engine', () => {
  it.each(['eki', 'eks'] as const)('%s: whole iterations are those of float64', async (rule) => {
    await withEnsemble(linearTarget, rule, { particles: 11, iterations: 4 }, 5, async ({ engine, first }) => {
      const rows: TraceRow[] = [];
      await runLoop(engine, { onProgress: (_, news) => rows.push(...news) });
      const { particles, time, control } = await engine.read();
      let want = Array.from({ length: 11 }, (_, j) => Array.from(first.subarray(j * dim, (j + 1) * dim)));
      let wanted = 0;
      for (let round = 0; round < control.iteration; round++) {
        const next = twinIteration(rule, want, wanted, round, 5);
        expect(rows[round].rate / next.step).toBeCloseTo(1, 3);
        wanted += next.step;
        want = next.particles;
      }
      expect(control.iteration).toBeGreaterThan(1);
      expect(time).toBeCloseTo(wanted, 3);
      expect(control.evaluations).toBe(11 * control.iteration);
      want.flat().forEach((entry, at) => {
        expect(Math.abs(particles[at] - entry)).toBeLessThan(2e-3);
      });
    });
  });

  it.each(['eki', 'eks'] as const)('%s: the same seed gives the same bits, however many iterations a submit holds', async (rule) => {
    const run = (seed: number, iterationsPerSubmit: number) =>
      withEnsemble(
        linearTarget,
        rule,
        { particles: 13, iterations: 7, step: 0.05 },
        seed,
        async ({ engine }) => {
          await runLoop(engine, { iterationsPerSubmit });
          return (await engine.read()).particles;
        },
        3,
      );
    const [once, again, other] = [await run(3, 1), await run(3, 5), await run(4, 5)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('failed members are counted, left out, and drawn anew among the others', async () => {
    // The model fails beyond a plane; a host model, whose iterations wait.
    let failed = 0;
    const host = (theta: Float64Array, count: number): Float64Array => {
      const out = new Float64Array(count * observations);
      for (let j = 0; j < count; j++) {
        const bad = theta[j * 3] > 1.2;
        failed += bad ? 1 : 0;
        const u = Array.from({ length: dim }, (_, i) => (theta[j * 3 + i] - prior.mean[i]) / prior.deviation[i]);
        const { residuals } = ensembleAt([u]);
        for (let i = 0; i < observations; i++) {
          out[j * observations + i] = bad ? (i === 0 ? Number.NaN : 1e6) : model.y[i] - residuals[0][i] / model.noise.whitener[i];
        }
      }
      return out;
    };
    const { wgsl: _, ...rest } = linearTarget;
    const rows: TraceRow[] = [];
    await withEnsemble({ ...rest, host }, 'eks', { particles: 30, iterations: 30 }, 2, async ({ engine, physical }) => {
      await runLoop(engine, { onProgress: (_, news) => rows.push(...news) });
      const { control, misfits, particles } = await engine.read();
      expect(failed).toBeGreaterThan(10);
      expect(control.non_finite).toBe(failed);
      expect(sum(rows.map((row) => row.failures))).toBe(failed);
      rows.forEach((row) => {
        expect(row.effectiveSampleSize).toBe(30 - row.failures);
      });
      expect(misfits.filter(Number.isNaN).length).toBe(rows.at(-1)!.failures);
      expect(physical(particles).flat().every(Number.isFinite)).toBe(true);
      expect(rows.at(-1)!.widest).toBeLessThan(2);
    });
  });

  it('stops where every member fails, and at its budgets', async () => {
    const nothing = {
      ...linearTarget,
      wgsl: undefined,
      host: (_: Float64Array, count: number) => new Float64Array(count * 4).fill(Number.NaN),
    };
    await withEnsemble(nothing, 'eki', {}, 1, async ({ engine, first }) => {
      const { control } = await runLoop(engine);
      expect(control.stop & stopBit.noValues).toBeTruthy();
      expect((await engine.read()).particles).toEqual(Float32Array.from(first));
    });
    await withEnsemble(linearTarget, 'eks', { particles: 10 }, 1, async ({ engine, first }) => {
      engine.start(first, { iterations: 50, evaluations: 39 });
      const { control } = await runLoop(engine);
      expect([control.stop, control.iteration, control.evaluations]).toEqual([stopBit.evaluations, 3, 30]);
      engine.start(first, { iterations: 4 });
      expect((await runLoop(engine)).control.stop).toBe(stopBit.iterations);
    });
    await withEnsemble(linearTarget, 'eki', { particles: 10 }, 1, async ({ engine }) => {
      const { control } = await runLoop(engine);
      expect(control.stop).toBe(stopBit.settled);
      expect((await engine.read()).time).toBe(1);
    });
    await withEnsemble(linearTarget, 'eki', { particles: 10, step: 0.5, iterations: 6 }, 1, async ({ engine }) => {
      const { control } = await runLoop(engine);
      expect([control.stop, control.iteration]).toEqual([stopBit.iterations, 6]);
      expect((await engine.read()).time).toBe(3);
    });
  });
});

describe('options', () => {
  const problem = { dim: 30, observations: 4, proper: true };

  it('defaults', () => {
    expect([1, 2, 10, 30, 80].map((dim) => (eks().resolve({ ...problem, dim }) as { particles: number }).particles)).toEqual([
      10, 20, 100, 100, 162,
    ]);
    expect(eki().resolve(problem)).toMatchObject({ kind: 'particle', rule: 'inversion', iterations: 100, step: undefined });
  });

  it('what cannot be is refused', async () => {
    expect(() => eki({ particle: 10 } as never)).toThrow(/unknown eki option "particle"; did you mean particles/);
    expect(() => eki({ step: 0 }).resolve(problem)).toThrow(/step is 0/);
    expect(() => eks({ particles: 31 }).resolve(problem)).toThrow(/particles is 31; eks needs 32/);
    expect(() => eki({ particles: 5000 }).resolve(problem)).toThrow(/particles is 5000/);
    await withEnsemble(linearTarget, 'eki', { particles: 10 }, 1, async ({ engine }) => {
      expect(() => engine.start(new Float64Array(7), { iterations: 1 })).toThrow(/30 numbers, not 7/);
    });
    const wide = { ...linearTarget, wgsl: undefined, y: new Float64Array(400_000), noise: 1, host: () => new Float64Array(0) };
    await expect(withEnsemble(wide, 'eki', { particles: 100 }, 1, async () => {})).rejects.toThrow(LimitError);
  });
});

describe('a linear model', () => {
  it('inversion ends at the posterior, but for O(1/J) and the chance of its particles', async () => {
    const particles = 150;
    const runs: ReturnType<typeof momentsOf>[] = [];
    for (let seed = 0; seed < 10; seed++) {
      await withEnsemble(linearTarget, 'eki', { particles }, seed, async ({ engine, physical }) => {
        const { control } = await runLoop(engine);
        expect(control.stop).toBe(stopBit.settled);
        runs.push(momentsOf(standardised(physical((await engine.read()).particles))));
      });
    }
    expectStandard(runs, (2 * (dim + 1)) / particles, 0.05);
  });
});
