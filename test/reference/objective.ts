/** The objective in search coordinates: maximised, through the boundary, less its penalty or with its Jacobian; by the chain rule. */
import { type BoundaryName, enter, PENALTY } from './boundary.ts';
import { type Matrix, sum, type Vector } from './matrix.ts';

/** In user coordinates and sign. */
export interface Objective {
  value(x: Vector): number;
  gradient(x: Vector): Vector;
  hessian(x: Vector): Matrix;
}

export interface Setting {
  objective: Objective;
  /** 1 to maximise, -1 to minimise. */
  sense: 1 | -1;
  boundary: BoundaryName;
  box: readonly (readonly [number, number])[];
  firstTemperature: number;
}

/** Usable as an objective value. */
export const isUsable = (value: number): boolean => Number.isFinite(value) && Math.abs(value) < 1e30;

export const entries = (setting: Setting, u: Vector) => u.map((ui, i) => enter(setting.boundary, ui, ...setting.box[i]));
export const userPoint = (setting: Setting, u: Vector): Vector => entries(setting, u).map((entry) => entry.x);

export function searchValue(setting: Setting, u: Vector): number {
  const at = entries(setting, u);
  const value = setting.sense * setting.objective.value(at.map((entry) => entry.x));
  const penalty = PENALTY * setting.firstTemperature * sum(at.map((entry) => entry.outside ** 2));
  return value - penalty + sum(at.map(({ logSlope }) => logSlope?.[0] ?? 0));
}

export function searchGradient(setting: Setting, u: Vector): Vector {
  const at = entries(setting, u);
  const gradient = setting.objective.gradient(at.map((entry) => entry.x));
  return at.map(({ slope, outside, logSlope }, i) => {
    const walled = 2 * PENALTY * setting.firstTemperature * outside;
    return setting.sense * gradient[i] * slope - walled + (logSlope?.[1] ?? 0);
  });
}

export function searchHessian(setting: Setting, u: Vector): Matrix {
  const at = entries(setting, u);
  const x = at.map((entry) => entry.x);
  const gradient = setting.objective.gradient(x);
  return setting.objective.hessian(x).map((row, i) =>
    row.map((entry, j) => {
      const straight = setting.sense * entry * at[i].slope * at[j].slope;
      if (i !== j) return straight;
      const walled = at[i].outside !== 0 ? 2 * PENALTY * setting.firstTemperature : 0;
      return straight + setting.sense * gradient[i] * at[i].bend - walled + (at[i].logSlope?.[2] ?? 0);
    }),
  );
}
