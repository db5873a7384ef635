/**
 * Kernels A and B in one: the moments of leaves whose samples are drawn, evaluated and summed on the spot. Against the twins, which draw
 * the same samples; the same bits however it is chunked.
 */
import fc from 'fast-check';
import type { Boundary, Grouping, ObjectiveText } from '../../src/kernels/compose.ts';
import { chunkLayout, controlLayout, LANES, NO_VALUE, pack, paramsLayout } from '../../src/kernels/state.ts';
import { MAX_WHOLE_DIM, type WholeSampleSpec, wholeSampleKernel } from '../../src/kernels/whole-sample.ts';
import type { Cases } from '../harness/cases.ts';
import { place } from '../reference/draw.ts';
import { sum, type Vector } from '../reference/matrix.ts';
import { logDensity } from '../reference/mixture.ts';
import { leafSums, type Sample } from '../reference/moments.ts';
import { drawNormals } from '../reference/normals.ts';
import { isUsable, searchValue, userPoint } from '../reference/objective.ts';
import { purpose, randomWords, type Words2 } from '../reference/philox.ts';
import type { Target } from '../reference/sample.ts';
import { groupings, packFor } from './grouping.ts';
import { type Bench, compileAll, type Effort, forAll, onBench, thorough } from './kernel-run.ts';
import {
  type Chunk,
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  liveCounts,
  packMatrix,
  type Rectangle,
  randomMixture,
  randomRectangles,
  type TestMixture,
  wholeRectangle,
} from './kernels-content.ts';
import { boundaryOf, objectiveBounds, type TestObjective, testBox, testObjective, testObjectiveText } from './kernels-objective.ts';
import { densityBounds, EPSILON, expectEqual, expectNear, expectSameBits, expectVector, summed, twinMean } from './kernels-tolerance.ts';
import { checkParts, emptyParts, type PartsShape, setBests } from './leaf-parts.ts';
import { normalBound } from './random.ts';
import { checkNormals, placeBound } from './sample.ts';

/**
 * Steps of a quarter's height about a number that may be large: float32 has every value exactly, and many samples share the best one.
 * On one step the value is bad[0].
 */
const stairsText = (sense: 1 | -1): ObjectiveText => ({
  user: {
    file: 'stairs.wgsl',
    text: `fn objective(x: Point) -> f32 {
  if (floor(4.0 * x[0]) == bad[1]) { return bad[0]; }
  var sum = 0.0;
  for (var i = 0u; i < DIM; i++) { sum += 0.25 * floor(4.0 * x[i]); }
  return centre[0] + sum;
}
`,
  },
  data: ['centre', 'bad'],
  sense,
});

function stairs(random: Content, spoiled: boolean): TestObjective {
  const offset = [0, 1e4, -1e6][random.integer(3)];
  const bad = spoiled ? [[Number.NaN, Number.POSITIVE_INFINITY, Math.fround(1e31)][random.integer(3)], random.integer(6) - 3] : [0, 1e30];
  return {
    centre: [offset],
    bad,
    value: (x) => (Math.floor(4 * x[0]) === bad[1] ? bad[0] : offset + sum(x.map((entry) => 0.25 * Math.floor(4 * entry)))),
    // Of no use to this kernel.
    gradient: (x) => x.map(() => 0),
    hessian: (x) => x.map(() => x.map(() => 0)),
    undecided: (x, dx) => x.some((entry, i) => Math.abs(4 * entry - Math.round(4 * entry)) <= 4 * dx[i]),
  };
}

interface Variant {
  spec: WholeSampleSpec;
  /** Values are exact: f = l, without any share of log q. */
  exact: boolean;
}

interface Setup {
  variant: Variant;
  mixture: TestMixture;
  target: Target & { objective: TestObjective };
  seed: Words2;
  round: number;
  drawScale: number;
}

/** A sample as the twin has it, and how far the device's may be from it. */
interface Drawn extends Sample {
  place: Vector;
  /** Of eps, l, f, and the place. */
  off: { eps: Vector; l: number; f: number; place: Vector };
  undecided: boolean;
}

function drawn({ variant, mixture, target, seed, round, drawScale }: Setup, k: number, sample: number): Drawn {
  const { dim } = variant.spec;
  const own = mixture.components[k];
  const eps = drawNormals(dim, sample, k, round, seed).map((normal) => drawScale * normal);
  const dEps = eps.map((entry, i) => {
    const words = randomWords(i >> 2, purpose.draw, sample, k, round, seed);
    return drawScale * normalBound(words[i & 2]) + EPSILON * Math.abs(entry);
  });
  const u = place(own, eps, 1);
  const rounding = placeBound(
    own.mean,
    own.factor,
    eps.map((entry, i) => Math.abs(entry) + dEps[i]),
  );
  const du = u.map((_, i) => rounding[i] + sum(own.factor[i].map((entry, j) => Math.abs(entry) * dEps[j])));
  const objective = objectiveBounds(target, u, du);
  const usable = isUsable(target.objective.value(userPoint(target, u)));
  const l = searchValue(target, u);
  const { temperature } = target;
  const logQ = logDensity(mixture.components, u);
  const dL = variant.exact ? 0 : objective.value + EPSILON * Math.abs(l);
  const dF = variant.exact
    ? 0
    : objective.value + temperature * densityBounds(mixture, u, du).logQ + 2 * EPSILON * (Math.abs(l) + temperature * Math.abs(logQ));
  return {
    l: usable ? l : undefined,
    f: usable ? l - temperature * logQ : NO_VALUE,
    weight: 1,
    utility: 0,
    eps,
    slope: [],
    curvature: [],
    place: u,
    off: { eps: dEps, l: dL, f: dF, place: du },
    undecided: objective.undecided,
  };
}

/**
 * How far a leaf's sums may be from the twin's. The device sums its own numbers, each of them off by a little, about the first usable
 * sample's l and f; `twinMean` is the twin's own rounding of means that may be large.
 */
function leafBounds(dim: number, samples: readonly Drawn[], f: number, l: number) {
  const usable = samples.filter((sample) => sample.l !== undefined);
  const n = usable.length;
  const unit = summed(n);
  const mean = (terms: Vector): number => sum(terms) / Math.max(n, 1);
  /** Of l or f: sizes apart from the first; errors of the numbers, and of their mean. */
  const about = (at: number, value: (s: Drawn) => number, off: (s: Drawn) => number) => {
    const errors = usable.map(off);
    const apart = usable.map((s) => Math.abs(value(s) - value(usable[0])) + off(s) + off(usable[0]));
    const common = mean(errors) + twinMean(n, Math.abs(at));
    return { errors, apart, common, mean: common + unit * mean(apart) + 2 * EPSILON * Math.abs(at) };
  };
  const ofF = about(
    f,
    (s) => s.f,
    (s) => s.off.f,
  );
  const ofL = about(
    l,
    (s) => s.l!,
    (s) => s.off.l,
  );
  const baseline = n > 1 ? n / (n - 1) : 1;
  /** sum (f - mean f) y: errors of y, of f and of its mean; roundings of sum (f - f_0) y - (mean f - f_0) sum y. */
  const covariance = (size: (s: Drawn) => number, error: (s: Drawn) => number): number => {
    const sizes = usable.map((s) => size(s) + error(s));
    const given = usable.map((s, i) => Math.abs(s.f - f) * error(s) + (ofF.errors[i] + ofF.common) * sizes[i]);
    const rounded = sum(sizes.map((y, i) => y * ofF.apart[i])) + 3 * mean(ofF.apart) * sum(sizes);
    return baseline * (sum(given) + unit * rounded);
  };
  const matrix: Vector = [];
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      const error = ({ eps, off }: Drawn): number =>
        Math.abs(eps[i]) * off.eps[j] + Math.abs(eps[j]) * off.eps[i] + off.eps[i] * off.eps[j];
      matrix.push(covariance((s) => Math.abs(s.eps[i] * s.eps[j]), error));
    }
  }
  const deviations = usable.map((s, i) => [Math.abs(s.l! - l), ofL.errors[i] + ofL.common]);
  return {
    f: ofF.mean,
    l: ofL.mean,
    lSquares: sum(deviations.map(([apart, off]) => 2 * apart * off + off ** 2)) + 4 * unit * sum(ofL.apart.map((apart) => apart ** 2)),
    gradient: Array.from({ length: dim }, (_, i) =>
      covariance(
        (s) => Math.abs(s.eps[i]),
        (s) => s.off.eps[i],
      ),
    ),
    matrix,
  };
}

/** Whether the leaf's best point is news to a component that knows of `best`; undefined: float32 may decide either way. */
function check(dim: number, samples: readonly Drawn[], best: number, part: Float32Array, where: string): boolean | undefined {
  if (samples.some((sample) => sample.undecided)) return undefined;
  const want = leafSums(samples, 'score', dim);
  const allowed = leafBounds(dim, samples, want.f, want.l);
  for (const i of [0, 1, 2]) expectEqual(`count ${i} of ${where}`, part[i], want.usable);
  expectNear(`f of ${where}`, part[3], want.f, allowed.f);
  expectNear(`l of ${where}`, part[4], want.l, allowed.l);
  expectNear(`squares of l of ${where}`, part[5], want.lSquares, allowed.lSquares);
  expectVector(`gradient of ${where}`, part.subarray(8), want.gradient, allowed.gradient);
  expectVector(`matrix of ${where}`, part.subarray(8 + dim), packMatrix(want.matrix, 'full'), allowed.matrix);
  if (!want.best) {
    expectEqual(`best of ${where}`, part[6], NO_VALUE);
    return false;
  }
  // The best is the largest of numbers that are off; its point, that of the first sample that may have it.
  const usable = samples.filter((sample) => sample.l !== undefined);
  const least = Math.max(...usable.map((s) => s.l! - s.off.l));
  const most = Math.max(...usable.map((s) => s.l! + s.off.l));
  expectNear(`best of ${where}`, part[6], (least + most) / 2, (most - least) / 2);
  if (least <= best) return most <= best ? false : undefined;
  const may = usable.filter((s) => s.l! + s.off.l >= least);
  const first = least === most ? may.slice(0, 1) : may;
  const point = part.subarray(part.length - dim);
  const fits = (s: Drawn): boolean => s.place.every((entry, i) => Math.abs(point[i] - entry) <= s.off.place[i]);
  if (!first.some(fits)) {
    throw new Error(`best point of ${where}: got ${point.join(', ')}, want ${first.map((s) => s.place.join(', ')).join(' or ')}`);
  }
  return true;
}

interface Sizes {
  components: number;
  samples: number;
  leaves: number;
  spoiled: boolean;
  content: number;
}

/** Whitened draws that the kernel leaves for views. */
function checkDraws(setup: Setup, chunk: Chunk, eps: Float32Array): void {
  const { dim } = setup.variant.spec;
  const { first_component, component_count, first_sample, sample_count, stride } = chunk.values;
  for (let k = first_component; k < first_component + component_count; k++) {
    for (let sample = first_sample; sample < first_sample + sample_count; sample++) {
      const got = Array.from({ length: dim }, (_, i) => eps[i * stride + chunk.index(k, sample)]);
      checkNormals(got, sample, k, setup.round, setup.seed, setup.drawScale);
    }
  }
}

async function wholeProperty(device: GPUDevice, variant: Variant, sizes: Sizes): Promise<void> {
  const random = new Content(sizes.content);
  const { spec, exact } = variant;
  const { dim } = spec;
  const { components, samples } = sizes;
  const leaves = Math.min(sizes.leaves, samples);
  const shape: PartsShape = { dim, components, samples, leaves };
  const mixture = randomMixture(random, dim, components, 'full', 0.4);
  const { box, layout } = testBox(random, dim);
  const objective = exact ? stairs(random, sizes.spoiled) : testObjective(random, dim, sizes.spoiled);
  const setup: Setup = {
    variant,
    mixture,
    target: {
      mixture: mixture.components,
      temperature: exact ? 0 : random.uniform(0.1, 2),
      firstTemperature: random.uniform(1, 3),
      objective,
      sense: spec.objective.sense,
      boundary: spec.boundary,
      box,
    },
    seed: [random.word(), random.integer(2 ** 21)],
    round: random.integer(1000),
    drawScale: random.chance(0.5) ? 1 : random.uniform(0.5, 1.5),
  };
  const likely = () => (exact ? spec.objective.sense * objective.centre[0] + 0.25 * random.integer(8) : random.uniform(-2, 2));
  const bests = setBests(random, mixture, likely);
  const control = {
    ...defaultControl,
    ...liveCounts({ components, samples, leaves }),
    round: setup.round,
    temperature: setup.target.temperature,
    first_temperature: setup.target.firstTemperature,
  };

  const run = async (bench: Bench, rectangles: Rectangle[], beyond: number, stopped = false): Promise<ArrayBuffer> => {
    bench.put({ ms_parts: emptyParts(shape) });
    for (const rectangle of rectangles) {
      const chunk = chunkOf(rectangle, samples, leaves, { slack: random.integer(3), lanes: LANES, gridWidth: 1 + random.integer(3) });
      const { component_count, leaf_count } = chunk.values;
      // Room for components and leaves that are not there.
      const room = { component_count: component_count + beyond, leaf_count: leaf_count + beyond };
      bench.put({ ms_chunk: pack(chunkLayout, { ...chunk.values, ...room }), ms_eps: dim * chunk.values.stride });
      await bench.dispatch(wholeSampleKernel(spec), { ...chunk.leafGrid, y: chunk.leafGrid.y + beyond });
      if (spec.keepDraws && !stopped) checkDraws(setup, chunk, (await bench.floats('ms_eps'))[0]);
    }
    return (await bench.bytes('ms_parts'))[0];
  };

  await onBench(device, async (bench) => {
    bench.put({
      ms_control: pack(controlLayout, control),
      ms_params: pack(paramsLayout, {
        ...defaultParams,
        seed: setup.seed,
        components: components + 1,
        samples: samples + 3,
        leaves: leaves + 1,
        draw_scale: setup.drawScale,
      }),
      ms_box: layout,
      ms_components: mixture.records,
      ms_factors: mixture.factors,
      centre: Float32Array.from(objective.centre),
      bad: Float32Array.from(objective.bad),
    });
    await packFor(bench, dim, 'full', spec.grouping);
    const all = [wholeRectangle(components, leaves)];
    const whole = await run(bench, all, 1);
    checkParts(shape, new Float32Array(whole), (k, { first, count }, part, where) => {
      const own = Array.from({ length: count }, (_, i) => drawn(setup, k, first + i));
      return check(dim, own, bests[k], part, where);
    });
    expectSameBits('parts by chunks', await run(bench, randomRectangles(random, components, leaves), 0), whole);
    bench.put({ ms_control: pack(controlLayout, { ...control, stop: 1 }) });
    expectSameBits('parts after the stop', await run(bench, all, 0, true), emptyParts(shape).buffer);
  });
}

/** Those that move points without a cost, which would not be exact. */
const costless: Boundary[] = ['none', 'reflect', 'clamp'];
const grouped: Grouping[] = groupings.filter(({ size }) => size > 1);

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  return Object.fromEntries(
    dims.map((dim) => {
      // Every grouping at every d; objectives and boundaries take turns.
      const variants = grouped.flatMap((grouping, i): Variant[] => {
        const common = { dim, grouping };
        const smooth = Array.from({ length: every ? 6 : (i + dim) % 2 }, (): Variant => {
          const objective = testObjectiveText(dim, turn % 2 === 0 ? 1 : -1);
          return { spec: { ...common, boundary: boundaryOf(turn++), objective }, exact: false };
        });
        const steps = Array.from({ length: every ? 1 : 1 - ((i + dim) % 2) }, (): Variant => {
          const objective = stairsText(turn % 2 === 0 ? 1 : -1);
          return { spec: { ...common, boundary: costless[turn++ % 3], objective, keepDraws: i > 0 || every }, exact: true };
        });
        return [...smooth, ...steps];
      });
      return [
        `whole samples, d = ${dim}`,
        async (device: GPUDevice) => {
          await compileAll(
            device,
            variants.map(({ spec }) => wholeSampleKernel(spec)),
          );
          const inputs = {
            components: fc.integer({ min: 1, max: 6 }),
            samples: fc.integer({ min: 1, max: 100 }),
            leaves: fc.integer({ min: 1, max: 20 }),
            spoiled: fc.boolean(),
            content: fc.nat(),
          };
          const examples = [
            { components: 1, samples: 3, leaves: 1, spoiled: false, content: 3 },
            { components: 3, samples: 131, leaves: 50, spoiled: true, content: 1 },
          ];
          for (const variant of variants) await forAll(runs, inputs, examples, (sizes) => wholeProperty(device, variant, sizes));
        },
      ];
    }),
  );
}

const dims = Array.from({ length: MAX_WHOLE_DIM }, (_, i) => i + 1);

export const cases = makeCases({ dims, runs: 4, every: false });
export const longCases = makeCases({ ...thorough, dims, runs: 25 });
