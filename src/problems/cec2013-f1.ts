import { cec2013Family } from './cec2013.ts';

/** Where the trap changes slope, and its heights there; straight lines between. */
const knots = [0, 2.5, 5, 7.5, 12.5, 17.5, 22.5, 27.5, 30];
const heights = [200, 0, 160, 0, 140, 0, 160, 0, 200];

/** The lines run on outside the box, where they would rise above the optima: x is clamped to the box. */
function value(x: Float64Array): number {
  const t = Math.min(Math.max(x[0], 0), 30);
  let i = 0;
  while (t > knots[i + 1]) i++;
  return heights[i] + ((heights[i + 1] - heights[i]) * (t - knots[i])) / (knots[i + 1] - knots[i]);
}

/** Five-uneven-peak trap: both global optima are corners of the box, three lesser peaks between. */
export const cec2013F1 = cec2013Family({
  number: 1,
  title: 'five-uneven-peak trap',
  box: [[0, 30]],
  wgsl: /* wgsl */ `
fn objective(x: Point) -> f32 {
  let t = clamp(x[0], 0.0, 30.0);
  if (t < 2.5) { return 80.0 * (2.5 - t); }
  if (t < 5.0) { return 64.0 * (t - 2.5); }
  if (t < 7.5) { return 64.0 * (7.5 - t); }
  if (t < 12.5) { return 28.0 * (t - 7.5); }
  if (t < 17.5) { return 28.0 * (17.5 - t); }
  if (t < 22.5) { return 32.0 * (t - 17.5); }
  if (t < 27.5) { return 32.0 * (27.5 - t); }
  return 80.0 * (t - 27.5);
}
`,
  value,
  modes: [[0], [30]],
  best: 200,
  onlyGlobal: true,
  radius: 0.01,
  maxEvaluations: 50_000,
});
