/** The objective at given points, in user coordinates and the user's own sign. */
import evaluate from '../../shaders/evaluate.wgsl?raw';
import batch from '../../shaders/lib/batch.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { declare, type ObjectiveText, shared } from './compose.ts';

export interface EvaluateSpec {
  dim: number;
  gradient: boolean;
  objective: ObjectiveText;
}

const valueCall = `fn ms_point_value(x: Point) -> f32 {
  return objective(x);
}
`;
const gradientCall = `fn ms_point_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  return value_and_gradient(x, gradient);
}
`;
const valueByGradient = `fn ms_point_value(x: Point) -> f32 {
  var gradient: Point;
  return value_and_gradient(x, &gradient);
}
`;
const noGradient = `fn ms_point_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  return 0.0;
}
`;

/** Reads `ms_points` row by row; writes `ms_results` and `ms_gradients`. Values are raw: not checked, not negated. */
export function evaluateKernel(spec: EvaluateSpec): KernelSource {
  if (!spec.objective.user) throw new Error('only WGSL objectives are evaluated by a kernel');
  return compose({
    label: 'evaluate',
    constants: { DIM: spec.dim, ms_WITH_GRADIENT: spec.gradient },
    bindings: [
      ...declare('uniform', 'ms_batch'),
      ...declare('read', 'ms_points', ...spec.objective.data),
      ...declare('write', 'ms_results', 'ms_gradients'),
    ],
    user: spec.objective.user,
    modules: [
      shared.numbers,
      shared.state,
      batch,
      spec.objective.valueFromGradient ? valueByGradient : valueCall,
      spec.gradient ? gradientCall : noGradient,
      evaluate,
    ],
  });
}
