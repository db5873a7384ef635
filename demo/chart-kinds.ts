/** Which charts belong to a method, and what each shows of an iteration. No DOM. */
import { familyOf, type MethodSettings } from './methods.ts';

/** Of one iteration; what is read back once a frame is null in the others. */
export interface Point {
  iteration: number;
  temperature: number;
  best: number;
  /** Mean over components of E[f], f = l - omega log q, in the user's sign; of GMMVI methods sum w E[f]. */
  value: number;
  /** sum w E[f]: the evidence lower bound of a density. */
  bound: number | null;
  effective: number;
  rate: number;
  widest: number;
  components: number | null;
  /** By the components' ids. */
  weights: ReadonlyMap<number, number>;
}

type Ink = 'text' | 'accent';

export interface ChartKind {
  readonly name: string;
  readonly title: string;
  readonly series: readonly { readonly label: string; readonly ink: Ink; readonly of: (point: Point) => number | null }[];
  readonly logarithmic?: boolean;
  /** What the first values were is cut off, so that later ones can be told apart. */
  readonly late?: boolean;
}

/** Lines by component rather than by {@link ChartKind.series}. */
export const WEIGHTS = 'weights';

const line = (label: string, of: (point: Point) => number | null, ink: Ink = 'accent') => ({ label, ink, of });

const temperature: ChartKind = {
  name: 'temperature',
  title: 'Temperature ω',
  series: [line('ω', (point) => point.temperature)],
  logarithmic: true,
};
const best = line('Best value', (point) => point.best, 'text');
const search: ChartKind = {
  name: 'value',
  title: 'Best value and free energy',
  series: [best, line('free energy', ({ value }) => value)],
  late: true,
};
const value: ChartKind = { name: 'value', title: 'Best value', series: [best], late: true };
const bound = (title: string, of: (point: Point) => number | null): ChartKind => ({
  name: 'elbo',
  title,
  series: [line('ELBO', of)],
  late: true,
});
const effective: ChartKind = {
  name: 'effective',
  title: 'Effective samples / component',
  series: [line('ESS', (point) => point.effective)],
};
const step = (title: string): ChartKind => ({
  name: 'step',
  title,
  series: [line('step', ({ rate }) => rate)],
  logarithmic: true,
});
const widest: ChartKind = {
  name: 'widest',
  title: 'Widest component, prior deviations',
  series: [line('widest', (point) => point.widest)],
  logarithmic: true,
};
const count: ChartKind = { name: 'components', title: 'Number of components', series: [line('K', ({ components }) => components)] };
const weights: ChartKind = { name: WEIGHTS, title: 'Component weights', series: [] };

/** @param fits a density is fitted, rather than its modes searched for */
export function chartsFor({ method, anneal }: MethodSettings, fits: boolean): ChartKind[] {
  switch (familyOf(method)) {
    case 'nva':
      return [temperature, fits ? bound('ELBO at temperature ω', (point) => point.bound) : search, effective, weights];
    case 'gmmvi':
      return [
        bound('ELBO', (point) => point.value),
        effective,
        weights,
        ...(method[1] === 'A' ? [count] : []),
        step(method[3] === 'T' ? 'Mean KL bound of a step, nats' : 'Mean step size ρ'),
        ...(method[1] === 'A' ? [value] : []),
      ];
    case 'gmbbvi':
      return [
        ...(anneal ? [temperature] : [value]),
        bound('ELBO at temperature ω', (point) => point.bound),
        step('Mean step ρ = Δt / ω'),
        weights,
      ];
    case 'kalman':
      return [value, widest, weights];
  }
}
