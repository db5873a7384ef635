/** Global peak ratio of one wave: which share of the global modes has a component mean within a distance, over seeds. */
import { maximize, minimize, type NvaOptions, nva, type SearchOptions } from '../../src/index.ts';
import { findProblem } from '../../src/problems/index.ts';
import { getDevice } from '../harness/device.ts';

export interface PeakRatio {
  mean: number;
  standardError: number;
  evaluations: number;
  ratios: number[];
}

export async function peakRatio(
  problemName: string,
  dimension: number | undefined,
  method: NvaOptions,
  options: { distance: number; seeds: number; firstSeed?: number; run?: Partial<SearchOptions> },
): Promise<PeakRatio> {
  const problem = findProblem(problemName)!.at(dimension);
  const { modes, values } = problem.known!;
  const best = problem.sense === 'maximize' ? Math.max(...values) : Math.min(...values);
  const globals = modes.filter((_, i) => Math.abs(values[i]! - best) <= 1e-4 * Math.max(1, Math.abs(best)));
  const device = await getDevice();
  const ratios: number[] = [];
  let evaluations = 0;
  for (let seed = options.firstSeed ?? 0; seed < (options.firstSeed ?? 0) + options.seeds; seed++) {
    const result = await (problem.sense === 'maximize' ? maximize : minimize)({
      device,
      wgsl: problem.wgsl,
      box: problem.box,
      method: nva(method),
      waves: 1,
      seed,
      ...options.run,
    });
    // The means as they are, before any polish.
    const found = globals.filter((mode) =>
      result.mixture.means.some((mean) => Math.hypot(...mean.map((m, i) => m - mode[i]!)) <= options.distance),
    );
    ratios.push(found.length / globals.length);
    evaluations += result.evaluations / options.seeds;
  }
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / Math.max(1, ratios.length - 1);
  return { mean, standardError: Math.sqrt(variance / ratios.length), evaluations, ratios };
}
