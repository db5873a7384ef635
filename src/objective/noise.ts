/** The data of an inversion and their noise: what turns residuals into standard normal ones. */
import { OptionError } from '../gpu/errors.ts';
import { invertLower, readSymmetric, spdFactor } from './prior.ts';

/** A standard deviation for all data or one for each, or their covariance as rows. */
export type NoiseOptions = number | readonly number[] | { readonly covariance: readonly (readonly number[])[] };

export interface Noise {
  /** Inverse deviations, one for each datum; or, `full`, the packed lower triangle of the inverse Cholesky factor of the covariance. */
  readonly whitener: Float64Array;
  readonly full: boolean;
  /** log of the density's normaliser: -m/2 log 2 pi - log det / 2. */
  readonly logNorm: number;
}

/** @throws OptionError */
export function readData(y: ArrayLike<number>): Float64Array {
  if (y === null || typeof y !== 'object' || !(y.length > 0)) throw new OptionError('y must be a list with at least one datum');
  const data = Float64Array.from(y);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new OptionError(`y: datum ${bad + 1} is ${y[bad]}; it must be a finite number`);
  return data;
}

/** @throws OptionError */
export function readNoise(noise: NoiseOptions, observations: number): Noise {
  const half = -0.5 * observations * Math.log(2 * Math.PI);
  if (typeof noise === 'object' && noise !== null && 'covariance' in noise) {
    const covariance = readSymmetric('noise.covariance', noise.covariance, observations);
    const scale = Float64Array.from({ length: observations }, (_, i) => Math.sqrt(covariance[i * observations + i]!));
    const scaled = covariance.map((entry, at) => entry / (scale[Math.floor(at / observations)]! * scale[at % observations]!));
    const inverse = invertLower(spdFactor('noise.covariance', covariance, scaled, observations), observations);
    const whitener = new Float64Array((observations * (observations + 1)) / 2);
    let logNorm = half;
    for (let i = 0; i < observations; i++) {
      for (let j = 0; j <= i; j++) whitener[(i * (i + 1)) / 2 + j] = inverse[i * observations + j]! / scale[j]!;
      logNorm += Math.log(whitener[(i * (i + 1)) / 2 + i]!);
    }
    return { whitener, full: true, logNorm };
  }
  const each = typeof noise === 'number' ? new Array<number>(observations).fill(noise) : (noise as readonly number[]);
  if (!Array.isArray(each) && !ArrayBuffer.isView(each)) {
    throw new OptionError('noise must be a standard deviation, one for each datum, or { covariance: rows }');
  }
  if (each.length !== observations) throw new OptionError(`noise has ${each.length} standard deviations, and y has ${observations} data`);
  const bad = each.findIndex((value) => !(Number.isFinite(value) && value > 0));
  if (bad >= 0) {
    const which = typeof noise === 'number' ? 'noise' : `noise: standard deviation ${bad + 1}`;
    throw new OptionError(`${which} is ${each[bad]}; it must be a finite number above 0`);
  }
  const whitener = Float64Array.from(each, (deviation) => 1 / deviation);
  return { whitener, full: false, logNorm: whitener.reduce((sum, inverse) => sum + Math.log(inverse), half) };
}

/** Standard normal residuals W (y - g) of predictions g, in float64. */
export function whitenResidual(y: Float64Array, g: ArrayLike<number>, { whitener, full }: Noise): Float64Array {
  const residual = y.map((value, i) => value - g[i]!);
  if (!full) return residual.map((value, i) => value * whitener[i]!);
  return residual.map((_, i) => {
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += whitener[(i * (i + 1)) / 2 + j]! * residual[j]!;
    return sum;
  });
}
