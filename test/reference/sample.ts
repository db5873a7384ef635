/** What the iteration knows of one sample: l, f = l - omega log q, and the whitened derivatives of f (formulas/nva.md 3.1-3.3). */
import { add, addVectors, apply, type Matrix, multiply, scale, scaleVector, symmetricPart, transpose, type Vector } from './matrix.ts';
import { type Component, gradLogDensity, hessLogDensity, logDensity, logGaussian } from './mixture.ts';
import { type Setting, searchGradient, searchHessian, searchValue } from './objective.ts';

export interface Target extends Setting {
  mixture: readonly Component[];
  temperature: number;
}

/** f = l - omega log q */
export const totalValue = (target: Target, u: Vector): number =>
  searchValue(target, u) - target.temperature * logDensity(target.mixture, u);

export const totalGradient = (target: Target, u: Vector): Vector =>
  addVectors(searchGradient(target, u), scaleVector(-target.temperature, gradLogDensity(target.mixture, u)));

export const totalHessian = (target: Target, u: Vector): Matrix =>
  add(searchHessian(target, u), scale(-target.temperature, hessLogDensity(target.mixture, u)));

/** h = L^T grad f */
export const whitenGradient = (own: Component, gradient: Vector): Vector => apply(transpose(own.factor), gradient);

/** L^T Hess f L, symmetrised */
export const whitenHessian = (own: Component, hessian: Matrix): Matrix =>
  symmetricPart(multiply(multiply(transpose(own.factor), hessian), own.factor));

/** Rows that count for less count for nothing. */
export const LEAST_EXPONENT = -27.6;

/**
 * share_k N_k(x) / proposal(x): what a row of a shared batch counts for component k (formulas/nva.md 3.4 e, times its share), kept
 * within float32.
 */
export const rowExponent = (own: Component, logShare: number, x: Vector, logProposal: number): number =>
  logShare + logGaussian(own, x) - logProposal;

export function rowWeight(own: Component, logShare: number, x: Vector, logProposal: number): number {
  const exponent = rowExponent(own, logShare, x, logProposal);
  return exponent < LEAST_EXPONENT ? 0 : Math.exp(Math.min(exponent, 40));
}
