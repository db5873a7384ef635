import { cec2013Family, cube } from './cec2013.ts';
import { himmelblauMinima, himmelblauValue } from './himmelblau.ts';

/** Himmelblau's function turned over, `200 - (x^2 + y - 11)^2 - (x + y^2 - 7)^2`: four equal maxima. */
export const cec2013F4 = cec2013Family({
  number: 4,
  title: 'Himmelblau',
  box: cube(-6, 6, 2),
  wgsl: /* wgsl */ `
fn objective(x: Point) -> f32 {
  let a = x[0] * x[0] + x[1] - 11.0;
  let b = x[0] + x[1] * x[1] - 7.0;
  return 200.0 - a * a - b * b;
}
`,
  value: (x) => 200 - himmelblauValue(x),
  modes: himmelblauMinima,
  best: 200,
  onlyGlobal: false,
  radius: 0.01,
  maxEvaluations: 50_000,
});
