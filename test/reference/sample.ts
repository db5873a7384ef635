/** What the iteration knows of one sample: l, f = l - omega log q, and the whitened derivatives of f (formulas/nva.md 3.1-3.3). */
import { add, addVectors, apply, type Matrix, multiply, scale, scaleVector, symmetricPart, transpose, type Vector } from './matrix.ts';
import { type Component, gradLogDensity, hessLogDensity, logDensity, logFlatDensity, logGaussian } from './mixture.ts';
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

/** N_k(x) / proposal(x): what a sample of a shared batch counts for component k (formulas/nva.md 3.4 e), kept within float32. */
export const importanceWeight = (own: Component, x: Vector, logProposal: number): number =>
  Math.exp(Math.min(Math.max(logGaussian(own, x) - logProposal, -87), 40));

/** The log density a shared batch was drawn with. */
export const logProposal = (mixture: readonly Component[], flat: boolean, x: Vector): number =>
  flat ? logFlatDensity(mixture, x) : logDensity(mixture, x);
