/**
 * The float64 twin of the Navier-Stokes forward model: pseudo-spectral, with whole complex transforms and no regard to speed or
 * symmetry (the GPU's solver has both), so that the two check each other.
 */
import { FourierPlane } from './fourier-plane.ts';
import {
  COLUMN_FRACTION,
  type Flow,
  FORCING_AMPLITUDE,
  FORCING_NUMBER,
  keptWaves,
  MEAN_FLOW,
  OBSERVATIONS,
  OBSERVED_COLUMNS,
  OBSERVED_ROWS,
  OBSERVED_TIMES,
  ROW_FRACTION,
  stagesOf,
  stepsOf,
  VISCOSITY,
} from './navier-stokes-flow.ts';
import { vorticity } from './navier-stokes-modes.ts';

/** The data that initial modes lead to: by time, then x, then y. */
export function observe(flow: Flow, theta: ArrayLike<number>): Float64Array {
  const { grid } = flow;
  const steps = stepsOf(flow);
  const solver = new Solver(flow);
  solver.start(vorticity(theta, grid));
  const data = new Float64Array(OBSERVATIONS);
  let at = 0;
  for (let step = 1; step <= steps; step++) {
    solver.advance();
    if ((step * OBSERVED_TIMES) % steps !== 0) continue;
    const field = solver.vorticity();
    for (let i = 1; i <= OBSERVED_COLUMNS; i++) {
      const x = (i * grid) / COLUMN_FRACTION;
      for (let j = 0; j < OBSERVED_ROWS; j++) {
        const y = (j * grid) / ROW_FRACTION;
        data[at++] = 0.5 * (field[x * grid + y] - field[(grid - x) * grid + y]);
      }
    }
  }
  return data;
}

class Solver {
  readonly #grid: number;
  readonly #plane: FourierPlane;
  /** Signed wave number of an index. */
  readonly #wave: Int32Array;
  readonly #kept: Uint8Array;
  readonly #forcing: Float64Array;
  /** Coefficients of every stage, four a mode. */
  readonly #stages: readonly Float64Array[];
  /** Transforms of vorticity, unscaled: at the step's start, of the stage's argument, and the new one so far. */
  readonly #start: Field;
  readonly #argument: Field;
  readonly #next: Field;
  readonly #slope: Field;
  readonly #velocity: Field;
  readonly #gradient: Field;

  constructor(flow: Flow) {
    const { grid } = flow;
    const count = grid * grid;
    const kept = keptWaves(grid);
    this.#grid = grid;
    this.#plane = new FourierPlane(grid);
    this.#wave = Int32Array.from({ length: grid }, (_, i) => (i < grid / 2 ? i : i - grid));
    const square = (n: number) => this.#wave[Math.floor(n / grid)] ** 2 + this.#wave[n % grid] ** 2;
    this.#kept = Uint8Array.from({ length: count }, (_, n) =>
      Number(Math.abs(this.#wave[Math.floor(n / grid)]) <= kept && Math.abs(this.#wave[n % grid]) <= kept),
    );
    // a sin(m x) has the coefficients -i a / 2 at m and i a / 2 at -m.
    this.#forcing = new Float64Array(count);
    this.#forcing[FORCING_NUMBER * grid] = (-FORCING_AMPLITUDE / 2) * count;
    this.#forcing[(grid - FORCING_NUMBER) * grid] = (FORCING_AMPLITUDE / 2) * count;
    const byMode = Array.from({ length: count }, (_, n) => stagesOf(flow, VISCOSITY * square(n)));
    this.#stages = byMode[0].map((_, s) =>
      Float64Array.from(byMode.flatMap((stages) => [stages[s].fromStart, stages[s].fromSlope, stages[s].keep, stages[s].add])),
    );
    [this.#start, this.#argument, this.#next, this.#slope, this.#velocity, this.#gradient] = Array.from({ length: 6 }, () => ({
      re: new Float64Array(count),
      im: new Float64Array(count),
    }));
  }

  start(field: Float64Array): void {
    this.#start.re.set(field);
    this.#start.im.fill(0);
    this.#plane.transform(this.#start.re, this.#start.im, -1);
    this.#filter(this.#start);
    copy(this.#start, this.#argument);
  }

  /** One time step. */
  advance(): void {
    const { re: startRe, im: startIm } = this.#start;
    const { re: nextRe, im: nextIm } = this.#next;
    const { re: slopeRe, im: slopeIm } = this.#slope;
    copy(this.#start, this.#next);
    for (const stage of this.#stages) {
      this.#setSlope();
      for (let n = 0; n < slopeRe.length; n++) {
        const [fromStart, fromSlope, keep, add] = [stage[4 * n], stage[4 * n + 1], stage[4 * n + 2], stage[4 * n + 3]];
        nextRe[n] = keep * nextRe[n] + add * slopeRe[n];
        nextIm[n] = keep * nextIm[n] + add * slopeIm[n];
        this.#argument.re[n] = fromStart * startRe[n] + fromSlope * slopeRe[n];
        this.#argument.im[n] = fromStart * startIm[n] + fromSlope * slopeIm[n];
      }
    }
    copy(this.#next, this.#start);
    copy(this.#next, this.#argument);
  }

  /** On the grid, row by row, x along the rows' numbers. */
  vorticity(): Float64Array {
    const re = this.#start.re.slice();
    this.#plane.transform(re, this.#start.im.slice(), 1);
    return re.map((value) => value / re.length);
  }

  /** slope = forcing - advection of the argument; two real fields share a transform. */
  #setSlope(): void {
    const grid = this.#grid;
    const { re, im } = this.#argument;
    const [velocity, gradient, slope] = [this.#velocity, this.#gradient, this.#slope];
    for (let n = 0; n < re.length; n++) {
      const kx = this.#wave[Math.floor(n / grid)];
      const ky = this.#wave[n % grid];
      const over = n === 0 ? 0 : 1 / (kx * kx + ky * ky);
      // u + i v = i ky psi + i (-i kx psi) = (kx + i ky) psi, and w_x + i w_y = (i kx - ky) w
      velocity.re[n] = over * (kx * re[n] - ky * im[n]);
      velocity.im[n] = over * (kx * im[n] + ky * re[n]);
      gradient.re[n] = -kx * im[n] - ky * re[n];
      gradient.im[n] = kx * re[n] - ky * im[n];
    }
    velocity.im[0] += MEAN_FLOW * re.length;
    this.#plane.transform(velocity.re, velocity.im, 1);
    this.#plane.transform(gradient.re, gradient.im, 1);
    const scale = 1 / re.length ** 2;
    for (let n = 0; n < re.length; n++) {
      slope.re[n] = -scale * (velocity.re[n] * gradient.re[n] + velocity.im[n] * gradient.im[n]);
      slope.im[n] = 0;
    }
    this.#plane.transform(slope.re, slope.im, -1);
    this.#filter(slope);
    for (let n = 0; n < re.length; n++) slope.im[n] += this.#forcing[n];
  }

  #filter({ re, im }: Field): void {
    for (let n = 0; n < re.length; n++) {
      if (this.#kept[n]) continue;
      re[n] = 0;
      im[n] = 0;
    }
  }
}

interface Field {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function copy(from: Field, to: Field): void {
  to.re.set(from.re);
  to.im.set(from.im);
}
