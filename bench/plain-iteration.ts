/**
 * The baseline of every time here: the same iteration in plain TypeScript on one thread, in float32, written to be fast. Own samples,
 * score estimator, full covariance, fixed temperature, the bowl of objective.ts in the user's coordinates: draw, evaluate, log q by an
 * online log-sum-exp, moments in leaves that centre on their own mean, and NVA's step. Nothing is allocated in the loop. It leaves out
 * what the library does beside: bounds of the box, unusable values, the best point, the trace.
 */
import { bowl } from './objective.ts';
import { PlainNormals } from './plain-normals.ts';
import { invert, type StepRoom, takeStep } from './plain-step.ts';
import { addMoments, placed, squaredDistances, squaredDistancesInThePlane } from './plain-triangle.ts';

/** Samples of a leaf, as the library has them: a block that stays in the first-level cache. */
const LEAF = 256;
/** Below this difference of logs a term adds nothing in float32. */
const NEGLIGIBLE = -17;
/** NVA's constants for the score estimator. */
const RATE = 0.1;
const TRUST = 0.3;

export interface PlainShape {
  d: number;
  k: number;
  /** Samples over all components: a multiple of `k`. */
  n: number;
}

export class PlainIteration {
  readonly shape: PlainShape;
  /** One entry a component: mean [d], factor L and its inverse [d(d+1)/2, packed rows of the lower triangle], moments g and G of the last iteration. */
  readonly means: Float32Array[];
  readonly factors: Float32Array[];
  readonly inverses: Float32Array[];
  readonly gradients: Float32Array[];
  readonly matrices: Float32Array[];
  /** Log of weight and normalising constant together. */
  readonly logNorms: Float32Array;
  /** Mean of f, and variance of l, over a component's samples. */
  readonly values: Float32Array;
  readonly spreads: Float32Array;
  /** What failed steps have left of each component's step size. */
  readonly stepFactors: Float32Array;
  /** Mean of l. */
  readonly #levels: Float32Array;
  readonly #normals: PlainNormals;
  readonly #draws: Float32Array;
  readonly #points: Float32Array;
  readonly #away: Float32Array;
  readonly #squares: Float32Array;
  readonly #own: Float32Array;
  readonly #tops: Float32Array;
  readonly #sums: Float32Array;
  readonly #weights: Float32Array;
  readonly #room: StepRoom;
  readonly #onLeaf: ((component: number, draws: Float32Array, values: Float32Array, count: number) => void) | undefined;

  /**
   * @param means K x d, in the user's coordinates
   * @param deviation of every component along every axis
   * @param onLeaf sees a leaf's draws (four samples side by side) and its f, for tests
   */
  constructor(
    shape: PlainShape,
    means: ArrayLike<number>,
    deviation: number,
    seed: number,
    onLeaf?: (component: number, draws: Float32Array, values: Float32Array, count: number) => void,
  ) {
    const { d, k } = shape;
    const triangle = (d * (d + 1)) / 2;
    const each = (length: number) => Array.from({ length: k }, () => new Float32Array(length));
    this.shape = shape;
    this.means = each(d);
    this.factors = each(triangle);
    this.inverses = each(triangle);
    this.gradients = each(d);
    this.matrices = each(triangle);
    this.logNorms = new Float32Array(k);
    this.values = new Float32Array(k);
    this.spreads = new Float32Array(k);
    this.#levels = new Float32Array(k);
    this.stepFactors = new Float32Array(k).fill(1);
    this.#normals = new PlainNormals(seed);
    this.#draws = new Float32Array(LEAF * d);
    this.#points = new Float32Array(LEAF * d);
    this.#away = new Float32Array(4 * d);
    this.#squares = new Float32Array(LEAF);
    this.#own = new Float32Array(LEAF);
    this.#tops = new Float32Array(LEAF);
    this.#sums = new Float32Array(LEAF);
    this.#weights = new Float32Array(LEAF);
    this.#room = { change: new Float32Array(triangle), direction: new Float32Array(d) };
    this.#onLeaf = onLeaf;
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < d; i++) {
        this.means[c]![i] = means[c * d + i]!;
        this.factors[c]![(i * (i + 3)) / 2] = deviation;
      }
      this.#prepare(c);
    }
  }

  iterate(): void {
    const { k, n } = this.shape;
    const samples = n / k;
    for (let c = 0; c < k; c++) {
      this.gradients[c]!.fill(0);
      this.matrices[c]!.fill(0);
      this.values[c] = 0;
      this.spreads[c] = 0;
      this.#levels[c] = 0;
      const leaves = Math.ceil(samples / LEAF);
      for (let leaf = 0, first = 0; leaf < leaves; leaf++) {
        const count = Math.floor(samples / leaves) + (leaf < samples % leaves ? 1 : 0);
        this.#leaf(c, count, first);
        first += count;
      }
      scale(this.gradients[c]!, 1 / samples);
      scale(this.matrices[c]!, 1 / samples);
    }
    for (let c = 0; c < k; c++) this.#step(c);
  }

  /** Adds one leaf to the moments of component `c`, which holds `before` samples so far. */
  #leaf(c: number, count: number, before: number): void {
    const { d, k } = this.shape;
    const groups = Math.ceil(count / 4);
    const padded = 4 * groups;
    const draws = this.#draws;
    const points = this.#points;
    const squares = this.#squares;
    const own = this.#own;
    const tops = this.#tops;
    const sums = this.#sums;
    const weights = this.#weights;
    const distances = d === 2 ? squaredDistancesInThePlane : squaredDistances;
    this.#normals.fill(draws, padded * d);
    placed(d, this.factors[c]!, this.means[c]!, draws, groups, points);

    // Its own whitened sample is the draw: no solve.
    rowSquares(d, draws, groups, 0, own);
    const norm = this.logNorms[c]!;
    for (let s = 0; s < padded; s++) {
      tops[s] = norm - 0.5 * own[s]!;
      sums[s] = 1;
    }
    for (let other = 0; other < k; other++) {
      if (other === c) continue;
      distances(d, this.inverses[other]!, this.means[other]!, points, groups, this.#away, squares);
      addLogs(this.logNorms[other]!, squares, padded, tops, sums);
    }

    rowSquares(d, points, groups, bowl.centre, squares);
    let meanF = 0;
    let meanL = 0;
    for (let s = 0; s < count; s++) {
      const l = -0.5 * squares[s]!;
      const f = l - bowl.temperature * (tops[s]! + (sums[s] === 1 ? 0 : Math.log(sums[s]!)));
      squares[s] = l;
      weights[s] = f;
      meanF += f;
      meanL += l;
    }
    meanF /= count;
    meanL /= count;
    this.#onLeaf?.(c, draws, weights, count);
    let variance = 0;
    // The leaf's own mean makes the moments too small by (count - 1)/count.
    const unbiased = count > 1 ? count / (count - 1) : 1;
    for (let s = 0; s < count; s++) {
      variance += (squares[s]! - meanL) ** 2;
      weights[s] = (weights[s]! - meanF) * unbiased;
    }
    for (let s = count; s < padded; s++) weights[s] = 0;
    // The weights sum to zero, so that the identity of eps eps^T - I drops out.
    addMoments(d, draws, weights, groups, this.gradients[c]!, this.matrices[c]!);
    const share = count / (before + count);
    const apart = meanL - this.#levels[c]!;
    this.spreads[c]! += share * (variance / count - this.spreads[c]! + (1 - share) * apart * apart);
    this.#levels[c]! += share * apart;
    this.values[c]! += share * (meanF - this.values[c]!);
  }

  #step(c: number): void {
    const { d } = this.shape;
    const gradient = this.gradients[c]!;
    const matrix = this.matrices[c]!;
    let gradientSquare = 0;
    for (let i = 0; i < d; i++) gradientSquare += gradient[i]! ** 2;
    let matrixSquare = 0;
    for (let row = 0, p = 0; row < d; row++) {
      for (let column = 0; column <= row; column++, p++) matrixSquare += (column < row ? 2 : 1) * matrix[p]! ** 2;
    }
    const size = Math.sqrt(Math.max(gradientSquare, matrixSquare));
    const scheduled = (RATE / bowl.temperature) * this.stepFactors[c]!;
    const rho = scheduled * size > TRUST ? TRUST / size : scheduled;
    const taken = takeStep(d, this.means[c]!, this.factors[c]!, gradient, matrix, rho, this.#room);
    this.stepFactors[c] = taken ? Math.min(1, this.stepFactors[c]! * 1.25) : Math.max(this.stepFactors[c]! * 0.5, 1e-3);
    if (taken) this.#prepare(c);
  }

  /** The inverse factor and the normalising constant. */
  #prepare(c: number): void {
    const { d, k } = this.shape;
    const logDeterminant = invert(d, this.factors[c]!, this.inverses[c]!);
    this.logNorms[c] = -0.5 * d * Math.log(2 * Math.PI) - logDeterminant - Math.log(k);
  }
}

/** `squares[s] = |x_s - centre|^2`, four samples side by side. */
function rowSquares(d: number, block: Float32Array, groups: number, centre: number, squares: Float32Array): void {
  for (let group = 0; group < groups; group++) {
    let q0 = 0;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    for (let i = 4 * d * group, end = i + 4 * d; i < end; i += 4) {
      const x0 = block[i]! - centre;
      const x1 = block[i + 1]! - centre;
      const x2 = block[i + 2]! - centre;
      const x3 = block[i + 3]! - centre;
      q0 += x0 * x0;
      q1 += x1 * x1;
      q2 += x2 * x2;
      q3 += x3 * x3;
    }
    squares[4 * group] = q0;
    squares[4 * group + 1] = q1;
    squares[4 * group + 2] = q2;
    squares[4 * group + 3] = q3;
  }
}

/** One more term of every sample's log-sum-exp, kept as the largest log and the sum relative to it. */
function addLogs(logNorm: number, squares: Float32Array, count: number, tops: Float32Array, sums: Float32Array): void {
  for (let s = 0; s < count; s++) {
    const log = logNorm - 0.5 * squares[s]!;
    const away = log - tops[s]!;
    if (away <= 0) {
      if (away > NEGLIGIBLE) sums[s]! += exponential(away);
    } else {
      sums[s] = -away > NEGLIGIBLE ? sums[s]! * exponential(-away) + 1 : 1;
      tops[s] = log;
    }
  }
}

/** Powers of two from 2^-24 to 1. */
const powers = Float64Array.from({ length: 25 }, (_, i) => 2 ** (i - 24));

/** exp(x) for x in [-17, 0], to 1e-7: a quarter of Math.exp's time. */
function exponential(x: number): number {
  const t = x * Math.LOG2E;
  const whole = t | 0;
  const r = t - whole;
  // A least-squares fit of 2^r on (-1, 0].
  const sum = 0.693143567597 + r * (0.240178903335 + r * (0.0552940415002 + r * (0.00920217637431 + r * 0.000943510874896)));
  return powers[whole + 24]! * (1 + r * sum);
}

function scale(numbers: Float32Array, by: number): void {
  for (let i = 0; i < numbers.length; i++) numbers[i]! *= by;
}
