import { cec2013Family } from './cec2013.ts';
import { sineCosineWgsl } from './sine-cosine.ts';

/** Equal maxima, `sin^6(5 pi x)`: five peaks of height 1 at 0.1, 0.3, ..., 0.9. */
export const cec2013F2 = cec2013Family({
  number: 2,
  title: 'equal maxima',
  box: [[0, 1]],
  wgsl: /* wgsl */ `
${sineCosineWgsl}
fn objective(x: Point) -> f32 {
  let s = sine_cosine_of_turns(2.5 * x[0]).x;
  let square = s * s;
  return square * square * square;
}
`,
  value: (x) => Math.sin(5 * Math.PI * x[0]) ** 6,
  modes: [[0.1], [0.3], [0.5], [0.7], [0.9]],
  best: 1,
  onlyGlobal: false,
  radius: 0.01,
  maxEvaluations: 50_000,
});
