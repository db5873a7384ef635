/** Kernels A and B in one, for few dimensions: samples are drawn, evaluated and summed in registers, and never leave them. */
import density from '../../shaders/lib/density.wgsl?raw';
import keepDraws from '../../shaders/lib/keep_draws.wgsl?raw';
import loseDraws from '../../shaders/lib/lose_draws.wgsl?raw';
import seeNothing from '../../shaders/lib/see_nothing.wgsl?raw';
import wholeSample from '../../shaders/whole_sample.wgsl?raw';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import {
  type Boundary,
  declare,
  drawModules,
  factorBindings,
  factorModules,
  type Grouping,
  groupDrawModules,
  type ObjectiveText,
  objectiveBindings,
  objectiveModules,
  senseText,
  shared,
} from './compose.ts';
import { partSize } from './state.ts';
import { unrolled } from './unroll.ts';

/** Sums of draws and of their products, twice: more than this spill (measured at d = 10: twenty times slower, a minute to compile). */
export const MAX_WHOLE_DIM = 4;

export interface WholeSampleSpec {
  /** At most {@link MAX_WHOLE_DIM}. */
  dim: number;
  boundary: Boundary;
  /** WGSL: values from elsewhere lie in memory already. */
  objective: ObjectiveText;
  /** Of 4 or 8 samples. */
  grouping: Grouping;
  /** The draws are left in `ms_eps`, for views. */
  keepDraws?: boolean | undefined;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/**
 * Sums over samples: of their number, l and f apart from the first one's, draws e, products e e^T, and the last two times f. From them
 * g = mean e (f - mean f), G = mean (e e^T - I)(f - mean f); the identities cancel.
 */
function sumsText(dim: number): string {
  const axes = range(dim);
  const entries = axes.flatMap((i) => range(i + 1).map((j) => [i, j] as const));
  const names = [
    'count',
    'l',
    'l_squares',
    'f',
    ...axes.flatMap((i) => [`e${i}`, `fe${i}`]),
    ...entries.flatMap(([i, j]) => [`e${i}_${j}`, `fe${i}_${j}`]),
  ];
  const line = (text: string): string => `  ${text}\n`;
  return `const ms_PART: u32 = ${partSize(dim, 'full')}u;
const ms_PART_BEST_POINT: u32 = ms_PART - DIM;

struct ms_Sums {
${names.map((name) => line(`${name}: ms_Group,`)).join('')}}

fn ms_no_sums() -> ms_Sums {
  let none = ms_all(0.0);
  return ms_Sums(${names.map(() => 'none').join(', ')});
}

fn ms_add(sums: ptr<function, ms_Sums>, usable: ms_Group, l: ms_Group, f: ms_Group, y: ptr<function, ms_Points>) {
  (*sums).count += usable;
  (*sums).l += l;
  (*sums).l_squares += ms_times(l, l);
  (*sums).f += f;
${axes
  .flatMap((i) => [
    `let y${i} = (*y)[${i}];`,
    `let e${i} = ms_times(usable, y${i});`,
    `let fe${i} = ms_times(f, y${i});`,
    `(*sums).e${i} += e${i};`,
    `(*sums).fe${i} += fe${i};`,
  ])
  .map(line)
  .join('')}${entries
  .flatMap(([i, j]) => [`(*sums).e${i}_${j} += ms_times(e${i}, y${j});`, `(*sums).fe${i}_${j} += ms_times(fe${i}, y${j});`])
  .map(line)
  .join('')}}

fn ms_write_moments(part: u32, sums: ptr<function, ms_Sums>, mean: f32, unbiased: f32) {
${axes
  .map((i) => line(`ms_parts[part + ms_PART_GRADIENT + ${i}u] = unbiased * (ms_total((*sums).fe${i}) - mean * ms_total((*sums).e${i}));`))
  .join('')}${entries
  .map(([i, j], p) =>
    line(
      `ms_parts[part + ms_PART_GRADIENT + ${dim + p}u] = unbiased * (ms_total((*sums).fe${i}_${j}) - mean * ms_total((*sums).e${i}_${j}));`,
    ),
  )
  .join('')}}
`;
}

/** Reads `ms_components`, `ms_factors` (and their packed form); writes `ms_parts`. One invocation a leaf of a component. */
export function wholeSampleKernel(spec: WholeSampleSpec): KernelSource {
  const { dim, grouping } = spec;
  if (dim > MAX_WHOLE_DIM) throw new RangeError(`samples are kept in registers up to d = ${MAX_WHOLE_DIM}, not ${dim}`);
  return compose({
    label: 'sample',
    constants: { DIM: dim, ms_SENSE: senseText(spec.objective), ms_SHARES: false },
    bindings: [
      ...declare('uniform', 'ms_control', 'ms_params', 'ms_chunk', 'ms_box'),
      ...factorBindings('full', grouping),
      ...declare('write', 'ms_parts', ...(spec.keepDraws ? ['ms_eps'] : [])),
      ...objectiveBindings(spec.objective, 'value'),
    ],
    user: spec.objective.user,
    modules: [
      ...Object.values(shared),
      density,
      seeNothing,
      ...factorModules('full', dim, grouping),
      ...groupDrawModules(dim, 'drawn', grouping.size),
      ...drawModules(dim).slice(1),
      sumsText(dim),
      ...unrolled(dim, [...objectiveModules(spec.objective, 'value', spec.boundary), spec.keepDraws ? keepDraws : loseDraws, wholeSample]),
    ],
  });
}
