// npm run inversion:navier-stokes [-- --iterations T] [--grid N] [--unknowns D] [--json FILE] [--seed S]
// The Navier-Stokes inversion in full: GMKI with three components from the committed starts recovers the first vorticity and its mirror
// image. Every iteration is logged; with --json FILE the log and the means are kept up to date there, for `npm run figures:inversion`.
import { writeFileSync } from 'node:fs';
import { gmki } from '../src/index.ts';
import { field, recordSize } from '../src/kernels/state.ts';
import { readForward } from '../src/objective/forward.ts';
import { mirrored, navierStokes, navierStokesStarts, navierStokesTruth, vorticityError } from '../src/problems/navier-stokes.ts';
import { ForwardRun } from '../src/run/forward-run.ts';
import { InversionEngine } from '../src/run/inversion-engine.ts';
import type { SigmaMethod } from '../src/run/inversion-method.ts';
import { runLoop } from '../src/run/loop.ts';
import { badUsage, countArgument, readArguments } from './arguments.ts';
import { adapterName, machineLine, withDevice } from './machine.ts';
import { short, whole } from './markdown.ts';

const wanted = readArguments(['iterations', 'grid', 'unknowns', 'json', 'seed']);
const iterations = countArgument('iterations', wanted.iterations, 50);
const unknowns = countArgument('unknowns', wanted.unknowns, 128);
const grid = countArgument('grid', wanted.grid, 64);
const seed = countArgument('seed', wanted.seed, 1);
if (grid !== 32 && grid !== 64 && grid !== 128) badUsage(`--grid is ${grid}; it must be 32, 64 or 128`);
if (unknowns > 128) badUsage(`--unknowns is ${unknowns}; there are 128 at most`);

const problem = navierStokes({ grid: grid as 32 | 64 | 128, unknowns });
const truth = Float64Array.from(navierStokesTruth.slice(0, unknowns));
const image = mirrored(truth);
const components = navierStokesStarts.length;

await withDevice(async (gpu) => {
  console.log(machineLine(gpu.adapter));
  const model = readForward({ buffers: problem.buffers!, dim: unknowns, y: problem.data, noise: problem.noise, prior: problem.prior! });
  const method = gmki({ components, iterations }).resolve({ dim: unknowns }) as SigmaMethod;
  const forward = await ForwardRun.open(gpu, model, components * (2 * unknowns + 1));
  const engine = await InversionEngine.create(forward, method, components, seed);
  const unit = model.prior.deviation[0]!;
  engine.start(
    {
      means: Float64Array.from(navierStokesStarts.flatMap((start) => start.slice(0, unknowns).map((theta) => theta / unit))),
      // As wide as the prior: narrow ones (C = I) settle in the nearest optimum.
      deviations: new Float64Array(components * unknowns).fill(1),
    },
    { iterations },
  );
  console.log(
    `${components} components, ${unknowns} unknowns, grid ${grid}, ${engine.members} model runs an iteration, h = ${method.step}; errors are of the first vorticity, relative, in the mean square`,
  );
  const log: object[] = [];
  const began = performance.now();
  for (let iteration = 1; iteration <= iterations; iteration++) {
    await runLoop(engine, { iterations: 1 });
    const { control, components: records } = await engine.read();
    const record = recordSize(unknowns);
    const rows = Array.from({ length: components }, (_, k) => {
      const at = k * record;
      const theta = Array.from(records.subarray(at + field.mean, at + field.mean + unknowns), (u) => unit * u);
      return {
        weight: Math.exp(records[at + field.logWeight]!),
        potential: -records[at + field.value]!,
        toTruth: vorticityError(theta, truth),
        toImage: vorticityError(theta, image),
        theta,
      };
    });
    const seconds = (performance.now() - began) / 1000;
    const text = rows.map(
      ({ weight, potential, toTruth, toImage }) =>
        `w ${weight.toExponential(2)} Phi ${short(potential)} truth ${short(toTruth)} image ${short(toImage)}`,
    );
    console.log(`${iteration}: ${text.join(' | ')}; ${whole(control.evaluations)} runs, ${control.non_finite} failed, ${whole(seconds)} s`);
    log.push({
      iteration,
      seconds,
      modelRuns: control.evaluations,
      failedRuns: control.non_finite,
      components: rows.map(({ theta: _, ...rest }) => rest),
    });
    if (wanted.json) {
      const kept = {
        adapter: adapterName(gpu.adapter),
        grid,
        unknowns,
        means: rows.map(({ theta }) => theta.map((x) => Number(x.toPrecision(6)))),
        log,
      };
      writeFileSync(wanted.json, `${JSON.stringify(kept)}\n`);
    }
  }
  engine.dispose();
  forward.dispose();
});
