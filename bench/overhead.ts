// npm run bench:overhead [-- --rounds R] [--seconds S]
// What watching a run costs: the same iterations bare, with progress and trace read back, and with snapshots, in alternating rounds. By wall
// time, and by the time of all processors, which other work on the machine stretches less; a software adapter's is in it.

import { patiently } from '../src/gpu/patience.ts';
import { uniformStart } from '../src/mixture/start.ts';
import { readTarget } from '../src/objective/objective.ts';
import { Engine } from '../src/run/engine.ts';
import { runLoop } from '../src/run/loop.ts';
import { snapshotOf } from '../src/run/snapshot.ts';
import { countArgument, readArguments } from './arguments.ts';
import { methodOf, type Shape } from './iteration-shapes.ts';
import { machineLine, withDevice } from './machine.ts';
import { markdownTable, short } from './markdown.ts';
import { bowl } from './objective.ts';
import { median } from './statistics.ts';

const wanted = readArguments(['rounds', 'seconds']);
const rounds = countArgument('rounds', wanted.rounds, 7);
/** Of a timed run, about. */
const seconds = countArgument('seconds', wanted.seconds, 1);
const shapes: readonly Shape[] = [
  { d: 2, k: 4, n: 2 ** 14 },
  { d: 10, k: 16, n: 2 ** 14 },
];
/** As the loop has it. */
const SUBMIT_MILLISECONDS = 50;
const MOST_ITERATIONS = 256;

/** Batches of iterations, one waiting while the other runs, and nothing read back. */
async function bare(engine: Engine, iterations: number, batch: number): Promise<void> {
  const { device } = engine.gpu;
  let before: Promise<unknown> = Promise.resolve();
  for (let made = 0; made < iterations; made += batch) {
    const encoder = device.createCommandEncoder();
    engine.encode(encoder, Math.min(batch, iterations - made));
    device.queue.submit([encoder.finish()]);
    await before;
    before = patiently(device.queue.onSubmittedWorkDone());
  }
  await before;
}

/** Milliseconds an iteration. */
interface Times {
  wall: number;
  processors: number;
}

await withDevice(async (gpu) => {
  console.log(`${machineLine(gpu.adapter)}\n`);
  const rows: string[][] = [];
  for (const shape of shapes) {
    const objective = readTarget({ wgsl: bowl.wgsl, box: bowl.box, dim: shape.d }, 'minimize');
    const method = methodOf('nva-score', shape).resolve({ derivatives: objective.derivatives, dim: shape.d });
    const engine = await Engine.create(gpu, objective, method, { components: shape.k, samples: shape.n / shape.k, seed: 1 });
    const timed = async (run: () => Promise<unknown>, iterations: number): Promise<Times> => {
      await engine.start({ start: uniformStart(shape.d, shape.k, 1), firstTemperature: bowl.temperature });
      await patiently(gpu.device.queue.onSubmittedWorkDone());
      const before = performance.now();
      const busy = process.cpuUsage();
      await run();
      const wall = (performance.now() - before) / iterations;
      const { user, system } = process.cpuUsage(busy);
      const { iteration } = await engine.control();
      if (iteration !== iterations) throw new Error(`${iteration} iterations were made, not ${iterations}`);
      return { wall, processors: (user + system) / 1000 / iterations };
    };
    await timed(() => bare(engine, 16, 16), 16);
    const { wall, processors } = await timed(() => bare(engine, 16, 16), 16);
    // As if nobody else were there.
    const rough = Math.min(wall, processors);
    const iterations = Math.max(8, Math.round((1000 * seconds) / rough));
    const batch = Math.round(Math.min(MOST_ITERATIONS, Math.max(1, SUBMIT_MILLISECONDS / rough)));
    let submits = 0;
    let traced = 0;
    const contenders = [
      () => bare(engine, iterations, batch),
      () => {
        submits = 0;
        traced = 0;
        return runLoop(engine, {
          iterations,
          onProgress: (_, { length }) => {
            submits++;
            traced += length;
          },
        });
      },
      async () => {
        for (let made = 0; made < iterations; made += batch) {
          await runLoop(engine, { iterations: Math.min(batch, iterations - made), iterationsPerSubmit: batch, onProgress: () => {} });
          snapshotOf(engine, await engine.read());
        }
      },
    ];
    const times: Times[][] = contenders.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, contender] of contenders.entries()) times[i]!.push(await timed(contender, iterations));
    }
    if (traced !== iterations) throw new Error(`${traced} rows of the trace, not ${iterations}`);
    const [plain, watched, snapped] = times.map((each) => ({
      wall: median(each.map(({ wall }) => wall)),
      processors: median(each.map(({ processors }) => processors)),
    })) as [Times, Times, Times];
    const more = (of: Times): string[] =>
      (['wall', 'processors'] as const).map((name) => `${(100 * (of[name] / plain[name] - 1)).toFixed(1)} %`);
    rows.push([
      ...[shape.d, shape.k, shape.n, iterations].map(String),
      short(plain.wall),
      short(iterations / submits),
      ...more(watched),
      ...more(snapped),
    ]);
    process.stderr.write(`${rows.at(-1)!.join(', ')}\n`);
    engine.dispose();
  }
  const watching = ['progress and trace', '(processors)', 'and a snapshot a submit', '(processors)'];
  const header = ['d', 'K', 'n', 'iterations', 'ms/iteration', 'iterations/submit', ...watching];
  console.log(markdownTable(header, rows));
});
