/**
 * The planetary inverse problem on synthetic data: from ten measured reflectances of a surface back to the four parameters of
 * Hapke's photometric model, `psi = (w, theta, b, c)`: single-scattering albedo, mean slope (radians), and the width and the
 * backward share of the two-lobed phase function. The opposition effect is fixed (B0 = 1, h = 0.1).
 *
 * The objective is the Gaussian log likelihood `-|y - Hapke(psi)|^2 / (2 s^2)`. `y` is the model at {@link hapkeTruth} plus one
 * draw of noise of standard deviation 0.01, rounded to four decimals. Two explanations remain: the truth's own neighbourhood,
 * and a brighter grain with a narrow forward lobe, which here fits slightly better. test/unit/hapke.test.ts scans the box.
 *
 * The model: B. Hapke, Theory of Reflectance and Emittance Spectroscopy (1993), with macroscopic roughness; formulas sheet
 * `nva.md` section 5.3. Incidence and emission are interchangeable in it (reciprocity), so that only the smaller and the
 * larger of the two angles matter; what depends on the geometry alone is computed here and handed to the shader as data.
 */
import { fixedFamily } from './family.ts';
import type { Box, ProblemFamily } from './problem.ts';

/** The parameters that made the data. */
export const hapkeTruth: readonly number[] = [0.81, 0.39, 0.29, 0.33];

/** Standard deviation of the noise on each reflectance. */
export const hapkeNoise = 0.01;

/** Incidence, emission and azimuth in degrees, and the reflectance measured there. */
const measurements: readonly (readonly [number, number, number, number])[] = [
  [60, 20, 30, 0.2898],
  [60, 40, 30, 0.3563],
  [60, 60, 30, 0.4232],
  [60, 20, 90, 0.2771],
  [60, 40, 90, 0.2834],
  [60, 60, 90, 0.2745],
  [60, 20, 150, 0.2654],
  [60, 40, 150, 0.2686],
  [60, 60, 150, 0.2578],
  [60, 70, 150, 0.25],
];

const box: Box = [
  [0.02, 0.98],
  [0.02, 0.7],
  [0.02, 0.98],
  [0, 1],
];

/** The part of one measurement that does not depend on the parameters; `small` and `large` are the two angles in order. */
interface Geometry {
  readonly cosSmall: number;
  readonly sinSmall: number;
  readonly cosLarge: number;
  readonly sinLarge: number;
  readonly cosAzimuth: number;
  /** Azimuth / pi. */
  readonly azimuthShare: number;
  /** Hapke's f = exp(-2 tan(azimuth / 2)). */
  readonly visibility: number;
  readonly cosPhase: number;
  /** B(g) = B0 / (1 + tan(g / 2) / h). */
  readonly opposition: number;
  readonly measured: number;
}

const geometries: readonly Geometry[] = measurements.map(([incidence, emission, azimuthDegrees, measured]) => {
  const radians = Math.PI / 180;
  const small = Math.min(incidence, emission) * radians;
  const large = Math.max(incidence, emission) * radians;
  const azimuth = azimuthDegrees * radians;
  const cosPhase = Math.cos(small) * Math.cos(large) + Math.sin(small) * Math.sin(large) * Math.cos(azimuth);
  return {
    cosSmall: Math.cos(small),
    sinSmall: Math.sin(small),
    cosLarge: Math.cos(large),
    sinLarge: Math.sin(large),
    cosAzimuth: Math.cos(azimuth),
    azimuthShare: azimuth / Math.PI,
    visibility: Math.exp(-2 * Math.tan(azimuth / 2)),
    cosPhase,
    opposition: 1 / (1 + Math.tan(Math.acos(cosPhase) / 2) / 0.1),
    measured,
  };
});

/** The bidirectional reflectance factor at one geometry. */
function reflectance(w: number, theta: number, b: number, c: number, at: Geometry): number {
  // Effective cosines of the tilted facets that are lit and seen.
  const slope = Math.tan(theta);
  const chi = 1 / Math.sqrt(1 + Math.PI * slope * slope);
  const cotSmall = at.cosSmall / (at.sinSmall * slope);
  const cotLarge = at.cosLarge / (at.sinLarge * slope);
  const e1Small = Math.exp((-2 / Math.PI) * cotSmall);
  const e1Large = Math.exp((-2 / Math.PI) * cotLarge);
  const e2Small = Math.exp((-1 / Math.PI) * cotSmall * cotSmall);
  const e2Large = Math.exp((-1 / Math.PI) * cotLarge * cotLarge);
  const halfAzimuth = 0.5 * (1 - at.cosAzimuth); // sin^2(azimuth / 2)
  const shared = 2 - e1Large - at.azimuthShare * e1Small;
  const muSmall = chi * (at.cosSmall + (at.sinSmall * slope * (at.cosAzimuth * e2Large + halfAzimuth * e2Small)) / shared);
  const muLarge = chi * (at.cosLarge + (at.sinLarge * slope * (e2Large - halfAzimuth * e2Small)) / shared);
  const etaSmall = chi * (at.cosSmall + (at.sinSmall * slope * e2Small) / (2 - e1Small));
  const etaLarge = chi * (at.cosLarge + (at.sinLarge * slope * e2Large) / (2 - e1Large));
  const shadow = chi / (1 - at.visibility + (at.visibility * chi * at.cosSmall) / etaSmall);

  // Single scattering by a backward and a forward lobe; multiple scattering by the H function.
  const even = 1 + b * b;
  const odd = 2 * b * at.cosPhase;
  const phase = (1 - b * b) * ((1 - c) / (even + odd) ** 1.5 + c / (even - odd) ** 1.5);
  const gamma = Math.sqrt(1 - w);
  const r0 = (1 - gamma) / (1 + gamma);
  const h = (x: number) => 1 / (1 - w * x * (r0 + (0.5 - r0 * x) * Math.log((1 + x) / x)));
  const scattered = (1 + at.opposition) * phase + h(muSmall) * h(muLarge) - 1;

  return ((w / 4) * muSmall * muLarge * scattered * shadow) / ((muSmall + muLarge) * etaSmall * etaLarge);
}

/** What the model predicts less what was measured, in standard deviations, at the ten geometries. */
export function hapkeResiduals(psi: ArrayLike<number>): number[] {
  const [w, theta, b, c] = box.map(([lower, upper], i) => Math.min(Math.max(psi[i], lower), upper));
  return geometries.map((at) => (reflectance(w, theta, b, c, at) - at.measured) / hapkeNoise);
}

const rows = geometries.map((at) => [
  at.cosSmall,
  at.sinSmall,
  at.cosLarge,
  at.sinLarge,
  at.cosAzimuth,
  at.azimuthShare,
  at.visibility,
  at.cosPhase,
  at.opposition,
  at.measured,
]);

const wgsl = /* wgsl */ `
const hapke_pi: f32 = 3.14159265;

// Angles up to 0.7 rad: the Taylor series of sine and cosine are good to float32.
fn hapke_tan(angle: f32) -> f32 {
  let q = angle * angle;
  let sine = angle * (1.0 + q * (-0.16666667 + q * (0.0083333333 + q * (-0.00019841270 + q * 0.0000027557319))));
  let cosine = 1.0 + q * (-0.5 + q * (0.041666667 + q * (-0.0013888889 + q * (0.000024801587 - q * 0.00000027557319))));
  return sine / cosine;
}

fn hapke_h(x: f32, w: f32, r0: f32) -> f32 {
  return 1.0 / (1.0 - w * x * (r0 + (0.5 - r0 * x) * log((1.0 + x) / x)));
}

fn objective(x: Point) -> f32 {
  // Outside the box the model means nothing: such a point is taken to the border.
  let w = clamp(x[0], ${box[0][0]}, ${box[0][1]});
  let theta = clamp(x[1], ${box[1][0]}, ${box[1][1]});
  let b = clamp(x[2], ${box[2][0]}, ${box[2][1]});
  let c = clamp(x[3], 0.0, 1.0);

  let slope = hapke_tan(theta);
  let chi = 1.0 / sqrt(1.0 + hapke_pi * slope * slope);
  let gamma = sqrt(1.0 - w);
  let r0 = (1.0 - gamma) / (1.0 + gamma);

  var sum = 0.0;
  for (var k = 0u; k < ${measurements.length}u; k++) {
    let row = k * 10u;
    let cos_small = hapke_measurements[row];
    let sin_small = hapke_measurements[row + 1u];
    let cos_large = hapke_measurements[row + 2u];
    let sin_large = hapke_measurements[row + 3u];
    let cos_azimuth = hapke_measurements[row + 4u];
    let azimuth_share = hapke_measurements[row + 5u];
    let visibility = hapke_measurements[row + 6u];
    let cos_phase = hapke_measurements[row + 7u];
    let opposition = hapke_measurements[row + 8u];
    let measured = hapke_measurements[row + 9u];

    // Effective cosines of the tilted facets that are lit and seen.
    let cot_small = cos_small / (sin_small * slope);
    let cot_large = cos_large / (sin_large * slope);
    let e1_small = exp(-2.0 / hapke_pi * cot_small);
    let e1_large = exp(-2.0 / hapke_pi * cot_large);
    let e2_small = exp(-1.0 / hapke_pi * cot_small * cot_small);
    let e2_large = exp(-1.0 / hapke_pi * cot_large * cot_large);
    let half_azimuth = 0.5 * (1.0 - cos_azimuth); // sin^2(azimuth / 2)
    let shared_part = 2.0 - e1_large - azimuth_share * e1_small;
    let mu_small = chi * (cos_small + sin_small * slope * (cos_azimuth * e2_large + half_azimuth * e2_small) / shared_part);
    let mu_large = chi * (cos_large + sin_large * slope * (e2_large - half_azimuth * e2_small) / shared_part);
    let eta_small = chi * (cos_small + sin_small * slope * e2_small / (2.0 - e1_small));
    let eta_large = chi * (cos_large + sin_large * slope * e2_large / (2.0 - e1_large));
    let shadow = chi / (1.0 - visibility + visibility * chi * cos_small / eta_small);

    // Single scattering by a backward and a forward lobe; multiple scattering by the H function.
    let forward = 1.0 + b * b + 2.0 * b * cos_phase;
    let backward = 1.0 + b * b - 2.0 * b * cos_phase;
    let phase = (1.0 - b * b) * ((1.0 - c) / (forward * sqrt(forward)) + c / (backward * sqrt(backward)));
    let scattered = (1.0 + opposition) * phase + hapke_h(mu_small, w, r0) * hapke_h(mu_large, w, r0) - 1.0;

    let predicted = 0.25 * w * mu_small * mu_large * scattered * shadow / ((mu_small + mu_large) * eta_small * eta_large);
    let residual = (predicted - measured) / ${hapkeNoise};
    sum += residual * residual;
  }
  return -0.5 * sum;
}
`;

/** Hapke's model inverted from ten synthetic reflectances, maximised: two modes in four dimensions. */
export const hapke: ProblemFamily = fixedFamily({
  name: 'hapke',
  title: 'Planetary photometry: log likelihood of four Hapke parameters from ten reflectances',
  source: 'Hapke 1993 (model), synthetic data of this package; modes by a scan and Newton in float64 (test/unit/hapke.test.ts)',
  sense: 'maximize',
  dimension: 4,
  box,
  wgsl,
  hasGradient: false,
  hasHessian: false,
  data: { hapke_measurements: Float32Array.from(rows.flat()) },
  value: (x) => -0.5 * hapkeResiduals(x).reduce((sum, r) => sum + r * r, 0),
  known: {
    modes: [
      [0.9071790521186084, 0.341581488867208, 0.847451722795827, 0.128037341268901],
      [0.82967048704488, 0.414887509257242, 0.318752083975974, 0.259313169110645],
    ],
    values: [-0.36783891609019, -0.68793564866703],
    onlyGlobal: false,
  },
});
