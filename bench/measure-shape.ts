/** Timing all methods of one shape on all hosts, and the plain baseline, in alternating rounds: what is compared ran side by side. */
import { uniformStart } from '../src/mixture/start.ts';
import { iterationBytes, iterationFlops, totalBytes } from './iteration-bytes.ts';
import type { IterationRow } from './iteration-rows.ts';
import type { MethodName, Shape } from './iteration-shapes.ts';
import { adapterName } from './machine.ts';
import { bowl } from './objective.ts';
import { PlainIteration } from './plain-iteration.ts';
import { median } from './statistics.ts';
import type { OpenIteration, TimingHost } from './timing-hosts.ts';

export interface Plan {
  rounds: number;
  /** Seconds that the rounds of one row may take; fewer are made where they would take longer. */
  seconds: number;
  /** Default: as many as take {@link BATCH_MILLISECONDS}. */
  iterationsPerSubmit: number | undefined;
}

const BATCH_MILLISECONDS = 150;
const LARGEST_BATCH = 512;

interface Contender {
  host: TimingHost;
  method: MethodName;
  open: OpenIteration;
  iterations: number;
  rounds: number;
  times: number[];
}

/** @param skip says of rows that could not be measured why */
export async function measureShape(
  shape: Shape,
  methods: readonly MethodName[],
  hosts: readonly TimingHost[],
  plan: Plan,
  skip: (reason: string) => void,
): Promise<IterationRow[]> {
  const contenders: Contender[] = [];
  try {
    for (const method of methods) {
      for (const host of hosts) {
        try {
          contenders.push(await enter(host, shape, method, plan));
        } catch (error) {
          skip(`${host.name} ${method} ${shape.d},${shape.k},${shape.n}: not run: ${(error as Error).message}`);
        }
      }
    }
    if (contenders.length === 0) return [];
    const baseline = new PlainBaseline(shape);
    const most = Math.max(...contenders.map(({ rounds }) => rounds));
    for (let round = 0; round < most; round++) {
      baseline.batch();
      for (const contender of contenders) {
        if (round < contender.rounds) contender.times.push(await contender.open.batch(contender.iterations));
      }
    }
    const rows: IterationRow[] = [];
    for (const contender of contenders) rows.push(await rowOf(shape, contender, baseline.times));
    return rows;
  } finally {
    for (const { open } of contenders) await open.close();
  }
}

async function enter(host: TimingHost, shape: Shape, method: MethodName, plan: Plan): Promise<Contender> {
  const open = await host.open(shape, method);
  try {
    const rough = open.firstIterationMs < 1000 * plan.seconds ? await open.batch(1) : open.firstIterationMs;
    const iterations = plan.iterationsPerSubmit ?? Math.round(within(BATCH_MILLISECONDS / rough, 1, LARGEST_BATCH));
    // A batch's own time once more, after warming up: a single iteration is mostly waiting.
    const each = iterations > 1 ? (await open.batch(iterations)) * iterations : rough;
    const rounds = Math.floor(within((1000 * plan.seconds) / each, 1, plan.rounds));
    return { host, method, open, iterations, rounds, times: [] };
  } catch (error) {
    await open.close();
    throw error;
  }
}

async function rowOf(shape: Shape, contender: Contender, baseline: readonly number[]): Promise<IterationRow> {
  const { host, method, open, iterations, rounds, times } = contender;
  const msPerIteration = median(times);
  return {
    host: host.name,
    adapter: adapterName(host.adapter),
    software: host.adapter.software,
    method,
    ...shape,
    msPerIteration,
    msRange: rangeOf(times),
    particleIterationsPerSecond: (1000 * shape.n) / msPerIteration,
    baselineMs: median(baseline),
    baselineRange: rangeOf(baseline),
    rounds,
    iterationsPerSubmit: iterations,
    compileMs: open.compileMs,
    firstIterationMs: open.firstIterationMs,
    gpuBytes: open.gpuBytes,
    stages: await open.stages(),
    gflops: (iterationFlops(method, shape) * shape.n) / (1e6 * msPerIteration),
    bytesPerParticle: totalBytes(iterationBytes(method, shape)),
  };
}

/** The plain iteration, warmed up; every batch of it begins at the engine's start. */
export class PlainBaseline {
  readonly times: number[] = [];
  readonly #shape: Shape;
  readonly #iterations: number;

  constructor(shape: Shape) {
    this.#shape = shape;
    // V8 optimises while it runs: small shapes need more runs than one.
    const warm = this.#fresh();
    const begun = performance.now();
    let rough: number;
    let runs = 0;
    do {
      const before = performance.now();
      warm.iterate();
      rough = performance.now() - before;
      runs++;
    } while (runs < 2 || performance.now() - begun < BATCH_MILLISECONDS);
    this.#iterations = Math.round(within(BATCH_MILLISECONDS / rough, 1, LARGEST_BATCH));
  }

  /** Milliseconds an iteration. */
  batch(): number {
    const plain = this.#fresh();
    const before = performance.now();
    for (let i = 0; i < this.#iterations; i++) plain.iterate();
    const each = (performance.now() - before) / this.#iterations;
    this.times.push(each);
    return each;
  }

  #fresh(): PlainIteration {
    const { means, deviation } = plainStart(this.#shape);
    return new PlainIteration(this.#shape, means, deviation, 1);
  }
}

/** The start of {@link TimedIteration} in the user's coordinates. */
export function plainStart({ d, k }: Shape): { means: Float64Array; deviation: number } {
  const { means, deviations } = uniformStart(d, k, 1);
  const [low, high] = bowl.box;
  const half = 0.5 * (high - low);
  return { means: means.map((mean) => low + half * (mean + 1)), deviation: half * deviations![0]! };
}

const rangeOf = (times: readonly number[]): [number, number] => [Math.min(...times), Math.max(...times)];

const within = (x: number, least: number, most: number): number => Math.min(Math.max(x, least), most);
