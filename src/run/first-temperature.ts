/** The temperature that a run starts at: the scale of the objective's values. */
import { ObjectiveError } from '../gpu/errors.ts';
import { robustSpread, type Temperature } from '../schedule/temperature.ts';

/**
 * The spread of values sampled at the start.
 * @throws ObjectiveError where none of them is usable
 */
export function temperatureOf(values: ArrayLike<number>, temperature: Temperature): number {
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) {
    throw new ObjectiveError(
      `the objective returned no usable number at any of ${values.length} points sampled in the box; check it for NaN, infinities and division by zero`,
    );
  }
  const spread = robustSpread(finite);
  // A constant objective has no scale of its own; any temperature will do.
  const first = spread > 0 ? spread : Math.max(1e-6 * Math.abs(finite[0]!), 1e-6);
  return temperature.kind === 'adaptive' && temperature.floor ? Math.max(first, temperature.floor) : first;
}
