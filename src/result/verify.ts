/**
 * Verify: probes around a settled point say whether it is a strict local optimum over the box, so that no saddle and no slope is
 * ever returned as a mode. One of them higher: that is where the next climb starts.
 */
import { largest, multiply } from './linear.ts';
import type { Asking } from './lockstep.ts';
import type { PolishState } from './polish-state.ts';

/**
 * Probes both ways along the axes and along a few oblique directions of the component. Directions level within the noise are
 * probed farther out. Moves to a higher probe, where there is one.
 */
export function* verify(state: PolishState, kinked: boolean): Asking<'mode' | 'plateau' | 'flat' | 'rough' | 'higher'> {
  const { dim } = state;
  const directions: Float64Array[] = [];
  for (let k = 0; k < dim; k++) directions.push(Float64Array.from({ length: dim }, (_, i) => (i === k ? 1 : 0)));
  if (dim > 1) for (let k = 0; k < Math.min(dim, 8); k++) directions.push(oblique(state, k, kinked));
  let open = directions.flatMap((direction, at) => {
    const bend = state.model.calibrated && !kinked ? state.model.along(direction) : Infinity;
    const audible = 6 * Math.sqrt(state.noise / Math.max(bend, 1e-300));
    // Farther out than the curvature was measured, so that kinks show.
    const beyond = state.analytic || at >= dim ? 0 : 5 * state.h[at];
    const radius = Math.max(state.precision.probe, Math.min(Math.max(audible, beyond), 0.3));
    return [-1, 1].map((sign) => ({ at, direction, sign, radius }));
  });
  let lower = 0;
  for (let widening = 0; widening < 5; widening++) {
    const probes = open
      .map((probe) => ({ ...probe, point: state.shifted((i) => probe.sign * probe.radius * probe.direction[i]) }))
      .filter(({ point }) => point.some((z, i) => z !== state.z[i]));
    if (probes.length === 0) break;
    const { values } = yield* state.evaluate(probes.map(({ point }) => point));
    let best = 0;
    for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
    if (values[best] > state.value + state.noise) {
      state.z = probes[best].point;
      state.value = values[best];
      state.radius = Math.max(probes[best].radius, 1e-3);
      return 'higher';
    }
    open = [];
    let rough = false;
    probes.forEach(({ point, ...probe }, k) => {
      const drop = state.value - values[k];
      if (drop <= state.noise) open.push({ ...probe, radius: Math.min(probe.radius * 6, Math.max(4, probe.radius)) });
      else lower++;
      // A curvature measured closer in that foretells a far deeper drop: a kink, not yet resolved.
      const foretold =
        probe.at < dim && state.model.measured ? (state.model.along(probe.direction) * (point[probe.at] - state.z[probe.at]) ** 2) / 2 : 0;
      const active = probe.at < dim && (state.z[probe.at] <= state.lower[probe.at] || state.z[probe.at] >= state.upper[probe.at]);
      if (!active && widening === 0 && drop > state.noise && foretold > 2.5 * drop && foretold > 100 * state.noise) rough = true;
    });
    if (rough && !kinked) {
      state.radius = state.precision.probe / 8;
      return 'rough';
    }
    if (open.length === 0) break;
  }
  if (lower === 0) return 'plateau';
  return open.length > 0 ? 'flat' : 'mode';
}

/** The `k`-th Walsh sign vector, stretched as the curvature or else the component is; its largest coordinate is one. */
function oblique(state: PolishState, k: number, kinked: boolean): Float64Array {
  const signs = Float64Array.from({ length: state.dim }, (_, i) => (parity(i & k) ? -1 : 1));
  const direction = (!kinked && state.model.whiten(signs)) || (state.shapeFactor ? multiply(state.shapeFactor, signs) : signs);
  const length = largest(direction);
  return direction.map((v) => v / length);
}

function parity(bits: number): boolean {
  let odd = false;
  for (let rest = bits; rest > 0; rest &= rest - 1) odd = !odd;
  return odd;
}
