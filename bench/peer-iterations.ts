/** One iteration of modescape beside the same iteration of its peers: every round runs each of them once, in turns. */
import type { Shape } from './iteration-shapes.ts';
import { short } from './markdown.ts';
import { plainStart } from './measure-shape.ts';
import { PeerProcess } from './peer-process.ts';
import { PlainIteration } from './plain-iteration.ts';
import { mean, median } from './statistics.ts';
import type { TimingHost } from './timing-hosts.ts';

/** The programs, in the order of the tables; modescape and plain TypeScript come before. */
export const iterationPeers = [
  { name: 'JAX, threefry', file: 'iteration_jax', task: { rng: 'threefry' } },
  { name: 'JAX, rbg', file: 'iteration_jax', task: { rng: 'rbg' } },
  { name: 'NumPy', file: 'iteration_numpy', task: {} },
  { name: 'PyTorch', file: 'iteration_torch', task: {} },
] as const;

export interface PeerRow extends Shape {
  program: string;
  version: string;
  variant: string | undefined;
  /** Milliseconds an iteration of every variant that was tried before the rounds. */
  tried?: Record<string, number> | undefined;
  /** Median and range over the rounds; undefined with `reason` where it was not run. */
  msPerIteration: number | undefined;
  msRange: readonly [number, number] | undefined;
  rounds: number;
  /** Mean of f over all samples, at the last iteration of the last round: the same in all programs but for chance. */
  value: number | undefined;
  reason?: string;
}

interface Contender {
  row: PeerRow;
  round: (seed: number) => Promise<{ ms: number; value: number | undefined }>;
  close: () => Promise<void> | void;
  times: number[];
}

/** Milliseconds that the iterations of one round of the plain program take together, and how many there are at most. */
const ROUND_MILLISECONDS = 600;
const MOST_ITERATIONS = 100;
/** Milliseconds of a round of a slow program, beyond which it makes fewer iterations in it. */
const LONGEST_ROUND = 5000;

export async function comparePrograms(shape: Shape, host: TimingHost, python: string, rounds: number): Promise<PeerRow[]> {
  const { means, deviation } = plainStart(shape);
  const fresh = () => new PlainIteration(shape, means, deviation, 1);
  const warm = fresh();
  let rough = 0;
  for (let run = 0; run < 3; run++) {
    const before = performance.now();
    warm.iterate();
    rough = performance.now() - before;
  }
  const iterations = Math.round(Math.min(Math.max(ROUND_MILLISECONDS / rough, 1), MOST_ITERATIONS));
  const blank = { ...shape, variant: undefined, msPerIteration: undefined, msRange: undefined, rounds: 0, value: undefined };
  const rows: PeerRow[] = [];
  const contenders: Contender[] = [];
  const enter = async (row: PeerRow, open: () => Promise<Pick<Contender, 'round' | 'close'>>) => {
    rows.push(row);
    try {
      contenders.push({ row, times: [], ...(await open()) });
    } catch (error) {
      row.reason = (error as Error).message;
    }
  };
  let spread = 0;
  try {
    await enter({ ...blank, program: 'modescape', version: `modescape ${__VERSION__}` }, async () => {
      const open = await host.open(shape, 'nva-score');
      const slow = await open.batch(1);
      const each = Math.max(1, Math.min(iterations, Math.floor(LONGEST_ROUND / slow)));
      return { round: async () => ({ ms: await open.batch(each), value: undefined }), close: open.close };
    });
    await enter({ ...blank, program: 'plain TypeScript', version: `Node ${process.versions.node}` }, async () => ({
      round: async (seed) => {
        const plain = new PlainIteration(shape, means, deviation, seed);
        const before = performance.now();
        for (let i = 0; i < iterations; i++) plain.iterate();
        const ms = (performance.now() - before) / iterations;
        spread = mean([...plain.spreads]);
        return { ms, value: mean([...plain.values]) };
      },
      close: () => {},
    }));
    for (const { name, file, task } of iterationPeers) {
      const row: PeerRow = { ...blank, program: name, version: '' };
      await enter(row, async () => {
        const peer = await PeerProcess.open(python, file, { ...task, ...shape, iterations, means: [...means], deviation });
        row.version = peer.about.version;
        row.variant = peer.about.variant;
        row.tried = peer.about.tried;
        return { round: (seed) => peer.run({ seed }), close: () => peer.close() };
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { round: run, row, times } of contenders) {
        await rest();
        const { ms, value } = await run(round + 1);
        times.push(ms);
        row.value = value;
      }
    }
    for (const { row, times } of contenders) {
      row.msPerIteration = median(times);
      row.msRange = [Math.min(...times), Math.max(...times)];
      row.rounds = times.length;
    }
  } finally {
    for (const { close } of contenders) await close();
  }
  checkValues(rows, spread);
  return rows;
}

/** Thread pools go on spinning for a while after their work, which the next program would pay for. */
const rest = () => new Promise((resolve) => setTimeout(resolve, 300));

/** A program whose samples see another mean of f did something else, and its time means nothing. */
function checkValues(rows: readonly PeerRow[], spread: number): void {
  const wanted = rows.find(({ program }) => program === 'plain TypeScript')?.value;
  if (wanted === undefined) return;
  for (const { program, value, d, n } of rows) {
    const allowed = 0.02 * Math.max(1, Math.abs(wanted)) + 10 * Math.sqrt(spread / n);
    if (value !== undefined && !(Math.abs(value - wanted) <= allowed)) {
      throw new Error(
        `${program} at d = ${d} does not do the same iteration: its mean f is ${short(value)}, that of plain TypeScript ${short(wanted)}`,
      );
    }
  }
}
