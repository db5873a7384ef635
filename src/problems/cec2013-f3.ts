import { cec2013Family } from './cec2013.ts';
import { sineCosineWgsl } from './sine-cosine.ts';

function value(x: Float64Array): number {
  const t = Math.max(x[0], 0);
  return Math.exp(-2 * Math.LN2 * ((t - 0.08) / 0.854) ** 2) * Math.sin(5 * Math.PI * (t ** 0.75 - 0.05)) ** 6;
}

/**
 * Uneven decreasing maxima, `exp(-2 ln 2 ((x - 0.08) / 0.854)^2) sin^6(5 pi (x^0.75 - 0.05))`: five uneven peaks, of which the
 * first is the highest. The suite gives its height as 1; it is lower by 1.7e-7, since the envelope peaks at 0.08 and not there.
 */
export const cec2013F3 = cec2013Family({
  number: 3,
  title: 'uneven decreasing maxima',
  box: [[0, 1]],
  wgsl: /* wgsl */ `
${sineCosineWgsl}
fn objective(x: Point) -> f32 {
  let root = sqrt(max(x[0], 0.0));
  let away = (max(x[0], 0.0) - 0.08) / 0.854;
  let s = sine_cosine_of_turns(2.5 * (root * sqrt(root) - 0.05)).x;
  let square = s * s;
  return exp(-1.38629436 * away * away) * square * square * square;
}
`,
  value,
  modes: [[0.07969977961179582]],
  best: 0.9999998284544727,
  optimum: 1,
  onlyGlobal: true,
  radius: 0.01,
  maxEvaluations: 50_000,
});
