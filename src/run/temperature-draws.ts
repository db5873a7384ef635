/** Where the objective is looked at to find the first temperature, in user coordinates, and how its values there tell it. */
import { purpose, RandomStream } from '../mixture/random.ts';
import { FIRST_DEVIATION, type Start } from '../mixture/start.ts';
import { toUser } from '../objective/boundary.ts';
import type { Objective } from '../objective/objective.ts';
import { uniformPoints } from './candidates.ts';
import { temperatureOf } from './first-temperature.ts';
import type { Method } from './method.ts';

export interface TemperatureDraws {
  /** Row by row. */
  points: Float64Array;
  count: number;
  temperatureOf: (values: ArrayLike<number>) => number;
}

/** At most. */
const SPREAD_POINTS = 256;
const START_POINTS = 1024;

/** Whether the slopes of the density at the start give the temperature, and not the spread of its values. */
export const bySlopes = ({ temperature }: Method): boolean => temperature.kind === 'geometric' && temperature.from === 'slopes';

/** For a solver: a uniform sample of the box, or draws of the start. */
export async function temperatureDraws(
  objective: Objective,
  method: Method,
  start: Start,
  samples: number,
  seed: number,
  budget: number,
): Promise<TemperatureDraws> {
  if (bySlopes(method)) return slopesOfStart(objective, start, samples, seed, 0, budget);
  const count = Math.min(SPREAD_POINTS, budget);
  const points = uniformPoints(objective.box, Math.max(count, 0), seed, 0);
  return { points, count, temperatureOf: (values) => temperatureOf(values, method.temperature) };
}

/** For a wave of a search: draws of its start. @param wanted as many as an iteration has, where that is a fair number */
export async function waveDraws(
  objective: Objective,
  method: Method,
  start: Start,
  { samples, wanted }: { samples: number; wanted: number },
  seed: number,
  wave: number,
  budget: number,
): Promise<TemperatureDraws> {
  if (bySlopes(method)) return slopesOfStart(objective, start, samples, seed, wave, budget);
  const { dim } = objective.box;
  const components = start.means.length / dim;
  const random = drawsOf(seed, wave);
  const count = Math.max(2, Math.min(budget, Math.max(64, Math.min(START_POINTS, wanted))));
  const points = new Float64Array(count * dim);
  for (let i = 0; i < count; i++) {
    const k = i % components;
    for (let a = 0; a < dim; a++) points[i * dim + a] = start.means[k * dim + a]! + FIRST_DEVIATION * random.normal();
  }
  return { points: userPoints(points, objective), count, temperatureOf: (values) => temperatureOf(values, method.temperature) };
}

async function slopesOfStart(
  objective: Objective,
  start: Start,
  samples: number,
  seed: number,
  wave: number,
  budget: number,
): Promise<TemperatureDraws> {
  // One method asks for it.
  const { slopeDraws } = await import('./slope-temperature.ts');
  const { dim } = objective.box;
  const each = Math.min(samples, Math.floor(budget / (start.means.length / dim)));
  const draws = slopeDraws(start, dim, Math.max(each, 0), drawsOf(seed, wave));
  return { ...draws, points: userPoints(draws.points, objective) };
}

const drawsOf = (seed: number, wave: number): RandomStream => new RandomStream(seed, purpose.initialise, wave + 0x10000);

/** Out of search coordinates. */
function userPoints(points: Float64Array, { box, boundary }: Objective): Float64Array {
  // Beyond the box only a search without a boundary evaluates; elsewhere the start's samples stay in it.
  const inside = boundary === 'none' || boundary === 'bounded' ? boundary : 'reflect';
  const user = new Float64Array(points.length);
  for (let at = 0; at < points.length; at += box.dim) user.set(toUser(points.subarray(at, at + box.dim), box, inside), at);
  return user;
}
