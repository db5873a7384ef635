// npm run figures:inversion [-- --folder DIR] [--log FILE]
// Figures of inversion as SVG: the 1-D problem and the plane's problems against their exact posteriors, and the fields recovered by the
// Darcy and Navier-Stokes inversions (the latter from the log of `npm run inversion:navier-stokes -- --json FILE`, where --log gives one;
// else a reduced one is run).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { problemInversion } from '../src/cli/invert.ts';
import { dfGmvi, gmki, type InversionMethodSpec, invert } from '../src/index.ts';
import type { Mixture } from '../src/mixture/mixture.ts';
import { darcy, mirrored, permeability, stepDarcy } from '../src/problems/darcy.ts';
import type { InversionProblem } from '../src/problems/inversion.ts';
import { planeInversions } from '../src/problems/inversion-plane.ts';
import { bimodalInversion, quadraticInversion } from '../src/problems/inversion-small.ts';
import { navierStokes, navierStokesTruth, vorticity } from '../src/problems/navier-stokes.ts';
import { badUsage, readArguments } from './arguments.ts';
import { mixtureDensity, posteriorDensity } from './grid-density.ts';
import { machineLine, withDevice } from './machine.ts';

const wanted = readArguments(['folder', 'log']);
const folder = wanted.folder ?? 'figures';
if (wanted.log !== undefined && !existsSync(wanted.log)) badUsage(`--log ${wanted.log}: there is no such file`);
mkdirSync(folder, { recursive: true });

async function write(name: string, spec: TopLevelSpec): Promise<void> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const file = join(folder, `${name}.svg`);
  // Cells side by side, without seams.
  writeFileSync(file, (await view.toSVG()).replace('<svg', '<svg shape-rendering="crispEdges"'));
  view.finalize();
  console.log(file);
}

const config = { view: { stroke: null }, axis: { grid: false } } as const;

interface Panel {
  title: string;
  /** Row by row from below, `side` x `side`. */
  field: ArrayLike<number>;
}

/** Fields side by side, one colour scale for all where `common`. */
function panels(title: string, all: readonly Panel[], common: boolean): TopLevelSpec {
  const side = Math.round(Math.sqrt(all[0]!.field.length));
  return {
    title,
    config,
    hconcat: all.map(({ title: name, field }) => ({
      title: name,
      width: 180,
      height: 180,
      data: { values: Array.from({ length: side * side }, (_, at) => ({ x: at % side, y: Math.floor(at / side), z: field[at]! })) },
      mark: { type: 'rect' as const, strokeWidth: 0.3 },
      encoding: {
        x: { field: 'x', type: 'ordinal' as const, axis: null },
        y: { field: 'y', type: 'ordinal' as const, axis: null, sort: 'descending' as const },
        color: { field: 'z', type: 'quantitative' as const, legend: null, scale: { scheme: 'viridis' as const } },
      },
    })),
    ...(common ? { resolve: { scale: { color: 'shared' as const } } } : {}),
  };
}

const SIDE = 48;

async function densityFigure(
  problem: InversionProblem & { window: readonly (readonly [number, number])[] },
  fits: readonly [string, Mixture][],
): Promise<void> {
  if (problem.dimension === 1) {
    const [[lower, upper]] = problem.window as [readonly [number, number]];
    const grid = Array.from({ length: 400 }, (_, i) => [lower + ((upper - lower) * i) / 399]);
    const curves = [
      ['exact', posteriorDensity(problem, grid)] as const,
      ...fits.map(([name, mixture]) => [name, mixtureDensity(mixture, grid)] as const),
    ];
    await write(problem.name, {
      title: problem.title,
      config,
      width: 420,
      height: 220,
      data: {
        values: curves.flatMap(([name, values]) =>
          grid.map(([x], i) => ({ x, density: values[i]! / (values.reduce((a, b) => a + b, 0) * ((upper - lower) / 399)), name })),
        ),
      },
      mark: 'line',
      encoding: {
        x: { field: 'x', type: 'quantitative', title: 'theta' },
        y: { field: 'density', type: 'quantitative' },
        color: { field: 'name', type: 'nominal', title: null },
        strokeDash: { field: 'name', type: 'nominal', title: null },
      },
    });
    return;
  }
  const [xs, ys] = problem.window.map(([lower, upper]) =>
    Array.from({ length: SIDE }, (_, i) => lower + ((upper - lower) * (i + 0.5)) / SIDE),
  );
  const grid = ys!.flatMap((y) => xs!.map((x) => [x, y]));
  const fields = [
    { title: 'exact', field: posteriorDensity(problem, grid) },
    ...fits.map(([title, mixture]) => ({ title, field: mixtureDensity(mixture, grid) })),
  ];
  await write(problem.name, panels(problem.title, fields, false));
}

await withDevice(async ({ device, adapter }) => {
  console.log(machineLine(adapter));
  const fit = async (problem: InversionProblem, method: InversionMethodSpec, components: number, iterations: number) =>
    (await invert({ ...problemInversion(problem), device, method, components, iterations, seed: 4 })).mixture;
  const quadratic = quadraticInversion(0.5);
  await densityFigure(quadratic, [
    ['GMKI, K = 3', await fit(quadratic, gmki(), 3, 30)],
    ['DF-GMVI, K = 10', await fit(quadratic, dfGmvi(), 10, 200)],
  ]);
  for (const problem of [bimodalInversion('centred'), ...planeInversions.map((plane) => plane.at(2))]) {
    await densityFigure(problem, [
      ['GMKI, K = 10', await fit(problem, gmki(), 10, 30)],
      ['DF-GMVI, K = 40', await fit(problem, dfGmvi(), 40, 100)],
    ]);
  }

  const flow = darcy({ ...stepDarcy, nodes: 41, refinement: 1 });
  const first = Array.from(flow.truth, (_, i) => 5 * Math.sin(7 * i + 1));
  const start = { means: [first, Array.from(mirrored(first))], deviation: 5 };
  const fields = await invert({ ...problemInversion(flow), device, method: gmki(), start, iterations: 20 });
  await write(
    'darcy',
    panels(
      'Logarithm of the permeability: truth and modes',
      [
        { title: 'truth', field: permeability(flow.truth, 41).map(Math.log) },
        ...fields.modes
          .slice(0, 3)
          .map(({ x, weight }) => ({ title: `weight ${weight.toFixed(2)}`, field: permeability(Float64Array.from(x), 41).map(Math.log) })),
      ],
      true,
    ),
  );

  const kept =
    wanted.log === undefined
      ? undefined
      : (JSON.parse(readFileSync(wanted.log, 'utf8')) as { means: number[][]; log: { components: { weight: number }[] }[] });
  const unknowns = kept ? kept.means[0]!.length : 24;
  const reduced = kept
    ? undefined
    : await invert({
        ...problemInversion(navierStokes({ grid: 32, unknowns })),
        device,
        method: gmki(),
        components: 3,
        iterations: 15,
        seed: 4,
      });
  const means = kept?.means ?? reduced!.modes.map(({ x }) => x);
  const weights = (kept ? kept.log[kept.log.length - 1]!.components : reduced!.modes).map(({ weight }) => weight);
  await write(
    'navier-stokes',
    panels(
      'First vorticity: truth and recovered means',
      [navierStokesTruth.slice(0, unknowns), ...means].map((theta, i) => ({
        title: i === 0 ? 'truth' : `weight ${weights[i - 1]!.toPrecision(2)}`,
        field: vorticity(theta, SIDE),
      })),
      true,
    ),
  );
});
