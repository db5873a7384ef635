/**
 * A shared batch: fresh rows drawn from the mixture (by weight, evenly, stratified, as allotted) into the ring of rows, f at all rows,
 * weights for each component, the store of past samples; and drawing alone.
 */

import fc from 'fast-check';
import type { Grouping } from '../../src/kernels/compose.ts';
import { type DrawSpec, drawKernel } from '../../src/kernels/draw.ts';
import { type LogRatioSpec, logRatioKernel } from '../../src/kernels/log-ratio.ts';
import { type ReweighSpec, reweighKernel } from '../../src/kernels/reweigh.ts';
import {
  freshInvocations,
  type Proposal,
  proposalNumber,
  type SharedSampleSpec,
  sharedSampleKernel,
} from '../../src/kernels/shared-sample.ts';
import {
  type Covariance,
  chunkLayout,
  controlLayout,
  field,
  LANES,
  NO_VALUE,
  pack,
  paramsLayout,
  recordSize,
} from '../../src/kernels/state.ts';
import type { Cases } from '../harness/cases.ts';
import { pastSlot } from '../reference/adapt.ts';
import { inverseLower } from '../reference/cholesky.ts';
import { choiceNumber, choose, place, shares } from '../reference/draw.ts';
import { addVectors, apply, scaleVector, type Vector } from '../reference/matrix.ts';
import { gradLogDensity, logDensity, withWeights } from '../reference/mixture.ts';
import { drawNormals } from '../reference/normals.ts';
import { isUsable, type Setting, searchGradient, searchValue, userPoint } from '../reference/objective.ts';
import { purpose, randomWords, SHARED, type Words2 } from '../reference/philox.ts';
import { LEAST_EXPONENT, rowExponent, rowWeight, whitenGradient } from '../reference/sample.ts';
import { groupingOf, packFor, quadGroupings } from './grouping.ts';
import { type Bench, brief, compileAll, type Effort, forAll, onBench, thorough, WIDE } from './kernel-run.ts';
import {
  Content,
  chunkOf,
  defaultControl,
  defaultParams,
  layOut,
  randomMixture,
  type TestMixture,
  wholeRectangle,
} from './kernels-content.ts';
import { boundaryOf, objectiveBounds, type TestObjective, testBox, testObjective, testObjectiveText } from './kernels-objective.ts';
import {
  densityBounds,
  EPSILON,
  expError,
  expectEqual,
  expectNear,
  expectSame,
  expectVector,
  logGaussianBound,
  whitenedGradientBound,
} from './kernels-tolerance.ts';
import { normalBound } from './random.ts';
import { placeBound } from './sample.ts';

const proposals: Proposal[] = ['mixture', 'flat', 'stratified', 'component'];

/** Where the batch lies: `reused` rows, then `fresh` ones, from position `first` of a ring. */
export interface Rows {
  reused: number;
  fresh: number;
  first: number;
  capacity: number;
}

export interface Setup {
  random: Content;
  mixture: TestMixture;
  rows: Rows;
  seed: Words2;
  round: number;
  drawScale: number;
  temperature: number;
  firstTemperature: number;
  /** Fresh rows of each component, where they are allotted. */
  draws: number[];
  logShares: Vector;
  ids: number[];
  /** The store of past samples: its rows, and the rows drawn before. */
  pastRows: number;
  drawn: number;
}

export const position = ({ first, capacity }: Rows, row: number): number => (first + row) % capacity;

export function setUp(
  content: number,
  sizes: { dim: number; components: number; fresh: number; ring: boolean },
  covariance: Covariance,
  proposal: Proposal | undefined,
): Setup {
  const random = new Content(content);
  const { components } = sizes;
  const mixture = randomMixture(random, sizes.dim, components, covariance, 0.4);
  const draws = random.vector(components, () => 1 + random.integer(Math.ceil((2 * sizes.fresh) / components)));
  const fresh = proposal === 'component' ? draws.reduce((a, b) => a + b) : sizes.fresh;
  const reused = sizes.ring ? random.integer(2 * fresh) : 0;
  const capacity = reused + fresh + (sizes.ring ? random.integer(4) : 0);
  const logShares = mixture.components.map(({ logWeight }, k) => {
    if (proposal === 'component') return Math.fround(Math.log(draws[k] / fresh));
    return proposal === 'mixture' ? Math.fround(logWeight + random.normal(0.3)) : Math.fround(-Math.log(components));
  });
  // Distinct, in no order.
  const ids = mixture.components.map((_, k) => (k % 2 === 0 ? 2 ** 24 - 1 - k : 5 * k));
  const least = 2 ** Math.ceil(Math.log2(fresh + 2));
  const pastRows = random.chance(0.5) ? least : 4 * least;
  const size = recordSize(sizes.dim);
  mixture.components.forEach((_, k) => {
    const record = mixture.records.subarray(k * size, (k + 1) * size);
    record[field.logShare] = logShares[k];
    record[field.id] = ids[k];
    record[field.draws] = draws[k];
    record[field.firstDraw] = draws.slice(0, k).reduce((a, b) => a + b, 0);
  });
  return {
    random,
    mixture,
    rows: { reused, fresh, capacity, first: sizes.ring ? random.integer(capacity) : 0 },
    seed: [random.word(), random.integer(2 ** 21)],
    round: random.integer(1000),
    drawScale: random.chance(0.3) ? 1.25 : 1,
    temperature: random.uniform(0.1, 2),
    firstTemperature: random.uniform(1, 3),
    draws,
    logShares,
    ids,
    pastRows,
    drawn: random.integer([1, pastRows, 70 * pastRows][random.integer(3)]),
  };
}

export function putState(bench: Bench, setup: Setup): void {
  const { mixture, rows, seed, round, drawScale, temperature, firstTemperature, pastRows, drawn } = setup;
  const components = mixture.components.length;
  bench.put({
    ms_control: pack(controlLayout, {
      ...defaultControl,
      round,
      temperature,
      first_temperature: firstTemperature,
      components,
      rows: rows.reused + rows.fresh,
      fresh: rows.fresh,
      first_row: rows.first,
      drawn,
    }),
    ms_params: pack(paramsLayout, {
      ...defaultParams,
      seed,
      components,
      samples: rows.reused + rows.fresh,
      draw_scale: drawScale,
      row_capacity: rows.capacity,
      past_rows: pastRows,
    }),
    ms_components: mixture.records,
    ms_factors: mixture.factors,
  });
}

/** The normals of a draw in float64, and how far the device's may be. */
function normals(setup: Setup, sample: number, stream: number): { eps: Vector; error: Vector } {
  const { mixture, round, seed, drawScale } = setup;
  const eps = drawNormals(mixture.dim, sample, stream, round, seed);
  const error = eps.map((_, i) => drawScale * normalBound(randomWords(i >> 2, purpose.draw, sample, stream, round, seed)[i & 2]));
  return { eps, error };
}

/**
 * Where a draw lies and how far off it may be; undefined where the number that chooses the component is within the rounding of
 * K sums of exponentials of a boundary between two.
 */
function drawnAt(setup: Setup, sample: number, stream: number, k: number): { u: Vector; du: Vector } {
  const { eps, error } = normals(setup, sample, stream);
  const own = setup.mixture.components[k];
  const scaled = scaleVector(setup.drawScale, eps);
  const carried = apply(
    own.factor.map((row) => row.map(Math.abs)),
    error,
  );
  return { u: place(own, eps, setup.drawScale), du: addVectors(placeBound(own.mean, own.factor, scaled), carried) };
}

function chosen(setup: Setup, proposal: Proposal, together: boolean, sample: number): number | undefined {
  const { components } = setup.mixture;
  const u = choiceNumber(sample, together, setup.round, setup.seed);
  const rounding = (components.length + 8) * 2 * EPSILON;
  if (
    (proposal === 'mixture' || proposal === 'flat') &&
    shares(components, proposal)
      .slice(0, -1)
      .some((end) => Math.abs(end - u) <= rounding)
  )
    return undefined;
  return choose(components, proposal, sample, u, setup.draws);
}

/** Points of the draw kernel in user coordinates. */
async function drawProperty(device: GPUDevice, spec: DrawSpec, components: number, count: number, content: number): Promise<void> {
  const setup = setUp(content, { dim: spec.dim, components, fresh: count, ring: false }, spec.covariance, spec.proposal);
  const samples = setup.rows.fresh;
  const { box, layout } = testBox(setup.random, spec.dim);
  const setting = {
    objective: testObjective(setup.random, spec.dim, false),
    sense: 1,
    boundary: spec.boundary,
    box,
    firstTemperature: 1,
  } as const;
  const leaves = Math.min(3, samples);
  // A chunk in the middle: the second leaf on, and for own samples the last component only.
  const rectangle = {
    firstComponent: spec.proposal ? 0 : components - 1,
    componentCount: 1,
    firstLeaf: leaves > 1 ? 1 : 0,
    leafCount: leaves > 1 ? leaves - 1 : 1,
  };
  const chunk = chunkOf(rectangle, samples, leaves, { gridWidth: 2 });
  await onBench(device, async (bench) => {
    putState(bench, setup);
    bench.put({ ms_box: layout, ms_chunk: pack(chunkLayout, chunk.values), ms_user_points: chunk.count * spec.dim });
    await bench.dispatch(drawKernel(spec), chunk.sampleGrid);
    const [points] = await bench.floats('ms_user_points');
    const { first_sample, sample_count } = chunk.values;
    for (let sample = first_sample; sample < first_sample + sample_count; sample++) {
      const k = spec.proposal ? chosen(setup, spec.proposal, spec.together === true, sample) : rectangle.firstComponent;
      if (k === undefined) continue;
      const { u, du } = drawnAt(setup, sample, spec.proposal ? SHARED : k, k);
      const bounds = objectiveBounds(setting, u, du).x;
      const at = (sample - first_sample) * spec.dim;
      expectVector(`draw ${sample}`, points.subarray(at, at + spec.dim), userPoint(setting, u), bounds);
      if (spec.boundary !== 'none') {
        box.forEach((_, i) => {
          const x = points[at + i];
          if (x < box[i][0] || x > box[i][1]) throw new Error(`coordinate ${i} of draw ${sample} is ${x}, outside the box ${box[i]}`);
        });
      }
    }
  });
}

/** What lies where no kernel may write. */
const UNTOUCHED = 12345;

/** The first `count` rows, as if reused: points about the mixture, values (some missing) and gradients from elsewhere, densities and origins of other mixtures. */
export function reusedRows(
  setup: Setup,
  room: number,
  count: number,
): { values: Float32Array<ArrayBuffer>; points: Float32Array; slopes: Float32Array } {
  const { random, mixture, rows, ids } = setup;
  const { dim, components } = mixture;
  const values = new Float32Array(4 * rows.capacity).fill(UNTOUCHED);
  const points = new Float32Array(dim * room).fill(UNTOUCHED);
  const slopes = new Float32Array(dim * room).fill(UNTOUCHED);
  for (let row = 0; row < count; row++) {
    const at = position(rows, row);
    const near = components[random.integer(components.length)];
    const x = near.mean.map((entry) => Math.fround(entry + random.normal(0.4)));
    const usable = !random.chance(0.15);
    const origin = random.chance(0.2) ? 777 : ids[random.integer(ids.length)];
    values.set([usable ? random.normal(5) : NO_VALUE, random.normal(), logDensity(components, x) + random.normal(2), origin], 4 * at);
    for (let i = 0; i < dim; i++) {
      points[i * room + at] = x[i];
      slopes[i * room + at] = usable ? random.normal(3) : 0;
    }
  }
  return { values, points, slopes };
}

type Named = Record<'ms_values' | 'ms_points' | 'ms_point_slopes' | 'ms_row_slopes' | 'ms_past', Float32Array<ArrayBuffer>>;

async function readRows(bench: Bench): Promise<Named> {
  const names = ['ms_values', 'ms_points', 'ms_point_slopes', 'ms_row_slopes', 'ms_past'] as const;
  const arrays = await bench.floats(...names);
  return Object.fromEntries(names.map((name, i) => [name, arrays[i]])) as Named;
}

interface Sizes {
  components: number;
  count: number;
  ring: boolean;
  spoiled: boolean;
  content: number;
}

const groupingFor = (proposal: Proposal, dim: number): Grouping => groupingOf(proposalNumber[proposal] + dim, dim);

/** Workgroups that draw the fresh rows from `first` to `end`, in rows of a grid. */
function freshGrid({ size = 1 }: SharedSampleSpec, first: number, end: number, width: number): { x: number; y: number } {
  return { x: width, y: Math.ceil(freshInvocations(first, end, size) / (LANES * width)) };
}

/** Fresh rows into the ring; f; every component's view; f again by another mixture. */
async function sharedProperty(
  device: GPUDevice,
  spec: SharedSampleSpec,
  sizes: Sizes,
  grouping = groupingFor(spec.proposal, spec.dim),
): Promise<void> {
  const { dim, covariance, derivatives, proposal } = spec;
  const setup = setUp(sizes.content, { dim, components: sizes.components, fresh: sizes.count, ring: sizes.ring }, covariance, proposal);
  const { mixture, random, temperature, firstTemperature, rows } = setup;
  const { box, layout } = testBox(random, dim);
  const objective = testObjective(random, dim, sizes.spoiled);
  const target = { temperature, firstTemperature, objective, sense: spec.objective.sense, boundary: spec.boundary, box } as const;
  // The chunk holds all positions of the ring: rows past the last one are not there.
  const batch = chunkOf(wholeRectangle(1, 1), rows.capacity, 1, { slack: random.integer(3), gridWidth: 2 });
  const room = batch.values.batch_stride;
  const { values, points, slopes } = reusedRows(setup, room, rows.reused);
  const taking = { grouping };
  const ownRows = random.chance(0.3);
  const remember = setup.drawn % 2 === 0;
  const ratio: LogRatioSpec = { dim, covariance, derivatives, proposal, ownRows, ...taking };
  await onBench(device, async (bench) => {
    putState(bench, setup);
    bench.put({
      ms_box: layout,
      centre: Float32Array.from(objective.centre),
      bad: Float32Array.from(objective.bad),
      ms_chunk: pack(chunkLayout, batch.values),
      ms_values: values,
      ms_points: Float32Array.from(points),
      ms_point_slopes: Float32Array.from(slopes),
      ms_row_slopes: new Float32Array(dim * room).fill(UNTOUCHED),
      ms_past: new Float32Array(setup.pastRows * (dim + 1)).fill(UNTOUCHED),
      ms_weights: mixture.components.length * room,
    });
    await bench.dispatch(sharedSampleKernel(spec), freshGrid(spec, 0, rows.fresh, batch.values.sample_grid));
    const drawn = await readRows(bench);
    await packFor(bench, dim, covariance, grouping);
    await bench.dispatch(logRatioKernel(ratio), batch.sampleGrid);
    const whole = await readRows(bench);

    const at = (entries: Float32Array, place: number): Vector => Array.from({ length: dim }, (_, i) => entries[i * room + place]);
    const isFresh = new Map<number, number>();
    for (let sample = 0; sample < rows.fresh; sample++) isFresh.set(position(rows, rows.reused + sample), sample);
    for (let place = 0; place < rows.capacity; place++) {
      const sample = isFresh.get(place);
      const where = sample === undefined ? `position ${place}` : `fresh row ${sample}`;
      const row = Array.from(drawn.ms_values.subarray(4 * place, 4 * place + 4));
      const u = at(drawn.ms_points, place);
      if (sample === undefined) {
        expectSame(`values of ${where}`, row, values.subarray(4 * place, 4 * place + 4));
        expectSame(`point of ${where}`, u, at(points, place));
        expectSame(`gradient of ${where}`, at(drawn.ms_point_slopes, place), at(slopes, place));
        continue;
      }
      const k = chosen(setup, proposal, spec.together === true, sample);
      if (k !== undefined) {
        const want = drawnAt(setup, sample, SHARED, k);
        expectVector(`point of ${where}`, u, want.u, want.du);
        expectEqual(`origin of ${where}`, row[3], setup.ids[k]);
      }
      checkFresh(spec, target, where, u, row, at(drawn.ms_point_slopes, place));
    }
    for (let row = 0; row < rows.reused + rows.fresh; row++) {
      const place = position(rows, row);
      const before = Array.from(drawn.ms_values.subarray(4 * place, 4 * place + 4));
      const after = Array.from(whole.ms_values.subarray(4 * place, 4 * place + 4));
      const u = at(drawn.ms_points, place);
      checkRatio(setup, ratio, mixture, row, u, before, after, at(drawn.ms_point_slopes, place), at(whole.ms_row_slopes, place));
    }
    checkUntouched(rows, whole, room);
    for (const name of ['ms_points', 'ms_point_slopes'] as const) expectSame(`${name} after all`, whole[name], drawn[name]);
    checkPast(setup, false, whole, dim, room);
    await checkWeights(bench, setup, ownRows, mixture, room, whole);
    await reweighed(bench, setup, { dim, covariance, derivatives, ...taking }, room, whole);

    // The components move; only f and the weights change.
    const moved = movedMixture(setup);
    bench.put({ ms_components: moved.records, ms_factors: moved.factors, ms_chunk: pack(chunkLayout, batch.values) });
    const again: LogRatioSpec = { dim, covariance, derivatives: 'value', proposal, again: true, remember, ownRows, ...taking };
    await packFor(bench, dim, covariance, grouping);
    await bench.dispatch(logRatioKernel(again), batch.sampleGrid);
    const last = await readRows(bench);
    for (let row = 0; row < rows.reused + rows.fresh; row++) {
      const place = position(rows, row);
      const [before, after] = [whole, last].map(({ ms_values }) => Array.from(ms_values.subarray(4 * place, 4 * place + 4)));
      checkRatio(setup, again, moved, row, at(drawn.ms_points, place), before, after, [], []);
    }
    checkPast(setup, remember, last, dim, room);
    await checkWeights(bench, setup, ownRows, moved, room, last);
    for (const name of ['ms_points', 'ms_point_slopes', 'ms_row_slopes'] as const) {
      expectSame(`${name} after f was made again`, last[name], whole[name]);
    }
    checkUntouched(rows, last, room);
  });
}

/** The same components with other means, factors and weights; what else their records hold stays. */
function movedMixture({ mixture, random, logShares, ids }: Setup): TestMixture {
  const { dim, covariance, components } = mixture;
  const fresh = randomMixture(random, dim, components.length, covariance, 0.4);
  const moved = layOut(
    components.map((own, k) => ({
      ...fresh.components[k],
      mean: own.mean.map((entry) => Math.fround(entry + random.normal(0.05))),
    })),
    covariance,
  );
  ids.forEach((id, k) => {
    moved.records[k * recordSize(dim) + field.logShare] = logShares[k];
    moved.records[k * recordSize(dim) + field.id] = id;
  });
  return moved;
}

/** What every row counts for every component. A component may take its own rows, and of the others nothing. */
async function checkWeights(
  bench: Bench,
  setup: Setup,
  ownRows: boolean,
  mixture: TestMixture,
  room: number,
  { ms_values, ms_points }: Named,
): Promise<void> {
  const { rows, ids } = setup;
  const [weights] = await bench.floats('ms_weights');
  mixture.components.forEach((_, k) => {
    for (let row = 0; row < rows.reused + rows.fresh; row++) {
      const place = position(rows, row);
      const where = `weight of row ${row} for component ${k}`;
      const got = weights[k * room + row];
      if (ms_values[4 * place] === NO_VALUE) {
        expectEqual(where, got, 0);
        continue;
      }
      if (ownRows) {
        expectEqual(where, got, ms_values[4 * place + 3] === ids[k] ? 1 : 0);
        continue;
      }
      const u = Array.from({ length: mixture.dim }, (_, i) => ms_points[i * room + place]);
      const want = weightAndBound({ ...setup, mixture }, k, u, ms_values[4 * place + 2]);
      expectNear(where, got, want.weight, want.error);
    }
  });
}

/** Positions that hold no row of this batch. */
function checkUntouched(rows: Rows, { ms_values, ms_row_slopes, ms_points }: Named, room: number): void {
  for (let row = rows.reused + rows.fresh; row < rows.capacity; row++) {
    const place = position(rows, row);
    for (const entry of ms_values.subarray(4 * place, 4 * place + 4)) expectEqual(`value at the free position ${place}`, entry, UNTOUCHED);
    for (const array of [ms_row_slopes, ms_points]) {
      for (let i = place; i < array.length; i += room) expectEqual(`entry ${i} at the free position ${place}`, array[i], UNTOUCHED);
    }
  }
}

/** A fresh row's value and gradient against the twin, at the device's own point (which is therefore exact). */
function checkFresh(
  spec: SharedSampleSpec,
  target: Setting & { objective: TestObjective },
  where: string,
  u: Vector,
  row: Vector,
  slope: Vector,
): void {
  expectSame(`f and log proposal of ${where}`, row.slice(1, 3), [0, 0]);
  const exact = u.map(() => 0);
  const objective = objectiveBounds(target, u, exact);
  if (objective.undecided) return;
  const x = userPoint(target, u);
  const derivatives = spec.derivatives === 'value' ? [] : target.objective.gradient(x);
  if (![target.objective.value(x), ...derivatives].every(isUsable)) {
    expectEqual(`l of ${where}`, row[0], NO_VALUE);
    return;
  }
  const l = searchValue(target, u);
  expectNear(`l of ${where}`, row[0], l, objective.value + EPSILON * Math.abs(l));
  if (spec.derivatives === 'value') return;
  searchGradient(target, u).forEach((want, i) => {
    expectNear(`gradient ${i} of ${where}`, slope[i], want, objective.gradient[i] + 4 * EPSILON * Math.abs(want));
  });
}

/** f = l - omega log q of any row; the proposal's density and grad f. */
function checkRatio(
  { rows, logShares, temperature }: Setup,
  spec: LogRatioSpec,
  mixture: TestMixture,
  row: number,
  u: Vector,
  before: Vector,
  after: Vector,
  gradient: Vector,
  slope: Vector,
): void {
  const where = `row ${row}`;
  const { components } = mixture;
  const density = densityBounds(mixture, u);
  const logQ = logDensity(components, u);
  const [l] = before;
  expectEqual(`l of ${where}`, after[0], l);
  expectEqual(`origin of ${where}`, after[3], before[3]);
  if (l === NO_VALUE) expectEqual(`f of ${where}`, after[1], NO_VALUE);
  else {
    const dF = temperature * density.logQ + 2 * EPSILON * (Math.abs(l) + temperature * Math.abs(logQ));
    expectNear(`f of ${where}`, after[1], l - temperature * logQ, dF);
  }
  if (spec.again || row < rows.reused) expectEqual(`log proposal of ${where}`, after[2], before[2]);
  else if (spec.proposal === 'mixture') expectNear(`log proposal of ${where}`, after[2], logQ, density.logQ);
  else {
    const proposed = { ...mixture, components: withWeights(components, logShares) };
    expectNear(`log proposal of ${where}`, after[2], logDensity(proposed.components, u), densityBounds(proposed, u).logQ);
  }
  if (spec.derivatives === 'value' || !gradient.every(isUsable)) return;
  gradLogDensity(components, u).forEach((pull, i) => {
    const allowed = temperature * density.gradient[i] + 2 * EPSILON * (Math.abs(gradient[i]) + temperature * Math.abs(pull));
    expectNear(`slope ${i} of ${where}`, slope[i], gradient[i] - temperature * pull, allowed);
  });
}

/** The store: fresh rows in the slots that are theirs, and nothing else. */
function checkPast({ rows, drawn, pastRows }: Setup, remember: boolean, named: Named, dim: number, room: number): void {
  const want = new Float32Array(pastRows * (dim + 1)).fill(UNTOUCHED);
  for (let sample = 0; sample < rows.fresh && remember; sample++) {
    const slot = pastSlot(drawn + sample, pastRows);
    if (slot === undefined) continue;
    const place = position(rows, rows.reused + sample);
    want[slot * (dim + 1)] = named.ms_values[4 * place];
    for (let i = 0; i < dim; i++) want[slot * (dim + 1) + 1 + i] = named.ms_points[i * room + place];
  }
  expectSame('the store of past samples', named.ms_past, want);
}

/** Whitened draws and slopes of a rectangle of components, of all rows that count. */
async function reweighed(bench: Bench, setup: Setup, spec: ReweighSpec, batchStride: number, named: Named): Promise<void> {
  const { mixture, random, rows } = setup;
  const { dim } = spec;
  const count = mixture.components.length;
  const first = random.integer(count);
  // Room for one component more than there are.
  const rectangle = { firstComponent: first, componentCount: count - first + 1, firstLeaf: 0, leafCount: 1 };
  const chunk = chunkOf(rectangle, rows.capacity, 1, { slack: random.integer(3), gridWidth: 3 });
  const { stride } = chunk.values;
  bench.put({
    ms_chunk: pack(chunkLayout, { ...chunk.values, batch_stride: batchStride }),
    ms_eps: dim * stride,
    ms_slopes: dim * stride,
  });
  await bench.dispatch(reweighKernel(spec), chunk.sampleGrid);
  const [weights, eps, whitened] = await bench.floats('ms_weights', 'ms_eps', 'ms_slopes');
  for (let k = first; k < count; k++) {
    const own = mixture.components[k];
    const inverse = inverseLower(own.factor);
    for (let row = 0; row < rows.reused + rows.fresh; row++) {
      if (weights[k * batchStride + row] === 0) continue;
      const where = `row ${row} for component ${k}`;
      const index = chunk.index(k, row);
      const place = position(rows, row);
      const u = Array.from({ length: dim }, (_, i) => named.ms_points[i * batchStride + place]);
      const apart = u.map((entry, i) => entry - own.mean[i]);
      apply(inverse, apart).forEach((want, i) => {
        const size = mixture.inverses[k][i].reduce((sum, entry, j) => sum + entry * Math.abs(apart[j]), 0);
        expectNear(`eps ${i} of ${where}`, eps[i * stride + index], want, (dim + 3) * EPSILON * size);
      });
      if (spec.derivatives === 'value') continue;
      const slope = Array.from({ length: dim }, (_, i) => named.ms_row_slopes[i * batchStride + place]);
      if (!slope.every(isUsable)) continue;
      const allowed = whitenedGradientBound(
        own.factor,
        slope,
        slope.map(() => 0),
      );
      const got = slope.map((_, i) => whitened[i * stride + index]);
      expectVector(`slope of ${where}`, got, whitenGradient(own, slope), allowed);
    }
  }
}

/** share_k N_k(x) / proposal(x), at most e^40, and how far the device's may be. */
export function weightAndBound(
  { mixture, logShares }: Setup,
  k: number,
  u: Vector,
  logProposal: number,
): { weight: number; error: number } {
  const own = mixture.components[k];
  const exact = u.map(() => 0);
  const exponent = rowExponent(own, logShares[k], u, logProposal);
  const exponentError =
    logGaussianBound(own, mixture.inverses[k], u, exact) +
    EPSILON * (Math.abs(exponent) + Math.abs(logProposal) + Math.abs(logShares[k]) + Math.abs(exponent + logProposal));
  const weight = rowWeight(own, logShares[k], u, logProposal);
  // So near the least one float32 may decide otherwise.
  if (Math.abs(exponent - LEAST_EXPONENT) <= exponentError) return { weight, error: 1.1 * Math.exp(LEAST_EXPONENT) };
  return { weight, error: weight * (Math.expm1(exponentError) + expError(Math.min(exponent, 40))) };
}

/** Those a batch may need, less the ones of other flags that its content draws. */
const kernelsOf = (spec: SharedSampleSpec) => {
  const { dim, covariance, derivatives, proposal } = spec;
  return [
    sharedSampleKernel(spec),
    logRatioKernel({ dim, covariance, derivatives, proposal }),
    logRatioKernel({ dim, covariance, derivatives: 'value', proposal, again: true, remember: true }),
    reweighKernel({ dim, covariance, derivatives }),
  ];
};

const sources = [undefined, ...proposals] as const;

function makeCases({ dims, runs, every }: Effort): Cases {
  let turn = 0;
  const cases: Cases = {};
  for (const dim of dims) {
    const sizes = {
      components: fc.integer({ min: 1, max: dim > WIDE ? 3 : 9 }),
      count: fc.integer({ min: 1, max: dim > WIDE ? 12 : 100 }),
      ring: fc.boolean(),
      spoiled: fc.boolean(),
      content: fc.nat(),
    };
    const alone = { components: 1, count: dim > WIDE ? 7 : 131, ring: true, spoiled: true, content: 2 };
    // Turns of different lengths, so that over the dimensions all flags meet.
    const draws = (every ? sources : [sources[turn % 5], sources[(turn + 1) % 5]]).map(
      (proposal): DrawSpec => ({
        dim,
        covariance: turn % 3 === 0 ? 'diagonal' : 'full',
        boundary: boundaryOf(turn++),
        proposal,
        together: turn % 2 === 0,
      }),
    );
    const batches = (['value', 'gradient'] as const).flatMap((derivatives) =>
      (every ? (['full', 'diagonal'] as const) : ([dim % 2 === 0 || derivatives === 'gradient' ? 'full' : 'diagonal'] as const)).map(
        (covariance): SharedSampleSpec => {
          const boundary = boundaryOf(turn);
          const proposal = proposals[(turn++ + dim) % 4];
          const together = (proposal === 'mixture' || proposal === 'flat') && dim % 2 === 1;
          const size = together ? groupingFor(proposal, dim).size : 1;
          return {
            dim,
            covariance,
            derivatives,
            boundary,
            proposal,
            together,
            size,
            objective: testObjectiveText(dim, turn % 2 === 0 ? 1 : -1),
          };
        },
      ),
    );
    cases[`draw, d = ${dim}`] = async (device) => {
      await compileAll(device, draws.map(drawKernel));
      for (const spec of draws) {
        await forAll(Math.ceil(runs / 3), sizes, [alone], ({ components, count, content }) =>
          drawProperty(device, spec, components, count, content),
        );
      }
    };
    cases[`shared batch and its weights, d = ${dim}`] = async (device) => {
      await compileAll(device, batches.flatMap(kernelsOf));
      for (const spec of batches) await forAll(Math.ceil(runs / 2), sizes, [alone], (values) => sharedProperty(device, spec, values));
    };
  }
  return cases;
}

/** Parameters read by quads, of rows whose neighbours may not be there. */
function byQuads(dims: readonly number[]): Cases {
  return Object.fromEntries(
    dims.map((dim) => [
      `shared batch by quads, d = ${dim}`,
      async (device: GPUDevice) => {
        for (const [i, derivatives] of (['value', 'gradient'] as const).entries()) {
          for (const grouping of quadGroupings(device, dim)) {
            const objective = testObjectiveText(dim, 1);
            const spec = { dim, covariance: 'full', derivatives, proposal: proposals[(dim + i) % 4], boundary: 'none', objective } as const;
            for (const count of [1, 37, 131]) {
              await sharedProperty(
                device,
                spec,
                { components: 1 + (count % 4), count, ring: true, spoiled: true, content: count },
                grouping,
              );
            }
          }
        }
      },
    ]),
  );
}

/** Groups of two, also in more dimensions than groups of four have room for. */
async function byTwos(device: GPUDevice): Promise<void> {
  for (const [dim, count] of [
    [3, 131],
    [19, 40],
    [259, 5],
  ] as const) {
    for (const derivatives of ['value', 'gradient'] as const) {
      const objective = testObjectiveText(dim, 1);
      const spec = { dim, covariance: 'full', derivatives, proposal: 'component', boundary: 'reflect', objective } as const;
      const sizes = { components: 3, count, ring: true, spoiled: true, content: 6 };
      await sharedProperty(device, spec, sizes, { size: 2, memory: 'storage' });
    }
  }
}

/** So many rows that an invocation draws several of one component: some families are whole, some not. */
async function sideBySide(device: GPUDevice): Promise<void> {
  for (const [dim, covariance, proposal, size, count] of [
    [1, 'full', 'mixture', 8, 2350],
    [5, 'full', 'mixture', 8, 2350],
    [3, 'diagonal', 'flat', 4, 1300],
    [18, 'full', 'mixture', 2, 700],
  ] as const) {
    const objective = testObjectiveText(dim, 1);
    const spec = { dim, covariance, derivatives: 'value', proposal, together: true, size, boundary: 'reflect', objective } as const;
    await sharedProperty(device, spec, { components: 5, count, ring: true, spoiled: true, content: dim });
  }
}

/** A batch larger than the buffers, part by part: the same bits. */
async function inParts(device: GPUDevice): Promise<void> {
  await partsProperty(device, 'component', 1, { fresh: 150, leaves: 5, cuts: [0, 1, 3, 5] });
  // Parts that begin and end within families of rows.
  await partsProperty(device, 'mixture', 8, { fresh: 2600, leaves: 11, cuts: [0, 1, 3, 9, 11] });
}

interface Parts {
  fresh: number;
  leaves: number;
  /** The first leaves of the parts, and the end. */
  cuts: number[];
}

async function partsProperty(
  device: GPUDevice,
  proposal: Proposal,
  size: 1 | 8,
  { fresh: wanted, leaves, cuts: parting }: Parts,
): Promise<void> {
  const dim = 3;
  const common = { dim, covariance: 'full', derivatives: 'gradient', proposal } as const;
  const setup = setUp(8, { dim, components: 4, fresh: wanted, ring: false }, 'full', proposal);
  const { fresh } = setup.rows;
  const objective = testObjective(setup.random, dim, false);
  const spec: SharedSampleSpec = { ...common, together: size > 1, size, boundary: 'reflect', objective: testObjectiveText(dim, 1) };
  await onBench(device, async (bench) => {
    putState(bench, setup);
    bench.put({
      ms_box: testBox(setup.random, dim).layout,
      centre: Float32Array.from(objective.centre),
      bad: Float32Array.from(objective.bad),
    });
    /** Values of all rows; weights, then eps, then slopes, of component k's row i at (4 i + k). */
    const run = async (cuts: number[]): Promise<{ values: Float32Array; rows: number[][] }> => {
      bench.put({ ms_values: 4 * fresh });
      const rows: number[][] = [];
      for (const [i, firstLeaf] of cuts.slice(0, -1).entries()) {
        const part = { firstLeaf, leafCount: cuts[i + 1] - firstLeaf };
        const batch = chunkOf({ firstComponent: 0, componentCount: 1, ...part }, fresh, leaves, { slack: i });
        const room = batch.values.batch_stride;
        bench.put({
          ms_chunk: pack(chunkLayout, batch.values),
          ms_points: dim * room,
          ms_point_slopes: dim * room,
          ms_row_slopes: dim * room,
          ms_weights: 4 * room,
        });
        const { first_sample: first, sample_count: count, sample_grid: width } = batch.values;
        await bench.dispatch(sharedSampleKernel(spec), freshGrid(spec, first, first + count, width));
        await bench.dispatch(logRatioKernel(common), batch.sampleGrid);
        const chunk = chunkOf({ firstComponent: 0, componentCount: 4, ...part }, fresh, leaves);
        const { stride, first_sample, sample_count } = chunk.values;
        bench.put({
          ms_chunk: pack(chunkLayout, { ...chunk.values, batch_stride: room }),
          ms_eps: dim * stride,
          ms_slopes: dim * stride,
        });
        await bench.dispatch(reweighKernel(common), chunk.sampleGrid);
        const [weights, eps, slopes] = await bench.floats('ms_weights', 'ms_eps', 'ms_slopes');
        for (let row = first_sample; row < first_sample + sample_count; row++) {
          for (let k = 0; k < 4; k++) {
            const at = chunk.index(k, row);
            const weight = weights[k * room + row - first_sample];
            const column = (all: Float32Array) => Array.from({ length: weight > 0 ? dim : 0 }, (_, j) => all[j * stride + at]);
            rows[4 * row + k] = [weight, ...column(eps), ...column(slopes)];
          }
        }
      }
      return { values: (await bench.floats('ms_values'))[0], rows };
    };
    const whole = await run([0, leaves]);
    const parts = await run(parting);
    expectSame('values', parts.values, whole.values);
    expectSame('weights, draws and slopes', parts.rows.flat(), whole.rows.flat());
    expectEqual('rows', whole.rows.length, 4 * fresh);
  });
}

export const cases: Cases = {
  ...byQuads([2, 18]),
  ...makeCases(brief),
  'a shared batch by twos': byTwos,
  'a shared batch drawn side by side': sideBySide,
  'a shared batch in parts': inParts,
};
export const longCases: Cases = { ...makeCases(thorough), ...byQuads([1, 5, 9, 16, 17, 32, 33, 70]) };
