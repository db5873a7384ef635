/** Whole searches for all modes: modescape by its defaults beside its peers, a seed a round, in turns. */
import type { Gpu } from '../src/gpu/device.ts';
import { maximize, minimize } from '../src/index.ts';
import type { Problem } from '../src/problems/problem.ts';
import { nearestMode } from './nearest-mode.ts';
import { PeerProcess } from './peer-process.ts';
import { median } from './statistics.ts';

export const searchPeers = [
  { name: 'multi-start L-BFGS-B', file: 'search_scipy' },
  { name: 'BIPOP-CMA-ES', file: 'search_cma' },
  { name: 'CMA-ES, 64 at a time', file: 'search_evosax' },
] as const;

/** What one search may take: seconds of any program, evaluations of a peer. */
export interface SearchBudget {
  seconds: number;
  evaluations: number;
}

export interface SearchRow {
  problem: string;
  program: string;
  version: string;
  modes: number;
  rounds: number;
  /** Rounds in which all modes were found, and the median number found. */
  complete: number;
  found: number | undefined;
  /** Median objective calls until the last known mode was found, over the rounds that found all. */
  evaluationsToAll: number | undefined;
  /** Median seconds: of peers until all modes were found or the budget ended; of modescape until its own rule or the budget stopped it. */
  seconds: number | undefined;
  reason?: string;
}

interface Round {
  found: number;
  evaluations: number;
  seconds: number;
}

export async function compareSearches(
  problem: Problem,
  { device }: Gpu,
  python: string,
  rounds: number,
  budget: SearchBudget,
): Promise<SearchRow[]> {
  const modes = problem.known!.modes;
  const contenders: { row: SearchRow; run?: (seed: number) => Promise<Round>; close: () => void; results: Round[] }[] = [];
  const rowOf = (program: string, version: string): SearchRow => ({
    problem: `${problem.name} ${problem.dimension}-D`,
    program,
    version,
    modes: modes.length,
    rounds: 0,
    complete: 0,
    found: undefined,
    evaluationsToAll: undefined,
    seconds: undefined,
  });
  const own = async (seed: number, limit = budget.seconds): Promise<Round> => {
    const solve = problem.sense === 'minimize' ? minimize : maximize;
    const { modes: reported, seconds } = await solve({ wgsl: problem.wgsl, box: problem.box, seed, device, seconds: limit });
    const known = reported.filter(({ x }) => nearestMode(x, modes) !== undefined);
    const found = new Set(known.map(({ x }) => nearestMode(x, modes))).size;
    return { found, evaluations: Math.max(0, ...known.map(({ foundAt }) => foundAt)), seconds: seconds.total };
  };
  await own(rounds + 1, 1); // compiles
  contenders.push({ row: rowOf('modescape', `modescape ${__VERSION__}`), run: (seed) => own(seed), close: () => {}, results: [] });
  try {
    for (const { name, file } of searchPeers) {
      const row = rowOf(name, '');
      try {
        const peer = await PeerProcess.open(python, file, { problem: problem.name, box: problem.box, modes });
        row.version = peer.about.version;
        contenders.push({ row, run: (seed) => peer.run({ seed, ...budget }), close: () => peer.close(), results: [] });
      } catch (error) {
        contenders.push({ row: { ...row, reason: (error as Error).message }, close: () => {}, results: [] });
      }
    }
    for (let seed = 1; seed <= rounds; seed++) {
      for (const { run, results } of contenders) if (run) results.push(await run(seed));
    }
  } finally {
    for (const { close } of contenders) close();
  }
  return contenders.map(({ row, results }) => {
    if (results.length === 0) return row;
    const all = results.filter(({ found }) => found === modes.length);
    return {
      ...row,
      rounds: results.length,
      complete: all.length,
      found: median(results.map(({ found }) => found)),
      evaluationsToAll: all.length > 0 ? median(all.map(({ evaluations }) => evaluations)) : undefined,
      seconds: median(results.map(({ seconds }) => seconds)),
    };
  });
}
