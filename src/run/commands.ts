/** One iteration as dispatches, in order. */
import { gridOf, type Workgroups } from '../gpu/pipelines.ts';
import { momentBlocks } from '../kernels/own-moments.ts';
import { chunkLayout, LANES, pack } from '../kernels/state.ts';
import type { Objective, ObjectiveBatch } from '../objective/objective.ts';
import { type Chunk, type SamplePlan, spaced } from '../sampler/plan.ts';
import type { Command, CommandMaker, Live } from './command.ts';
import { momentsSpec } from './kernel-sources.ts';
import type { LoadedKernels } from './load-kernels.ts';
import type { Method } from './method.ts';
import { packs, type Variants } from './variants.ts';

/** Work of an iteration between two looks of an external objective: dispatches, then possibly the objective's batch. */
export interface Segment {
  commands: Command[];
  batch?: ObjectiveBatch;
}

/** A whole iteration, with the bounds of what is there in it. */
export interface Iteration {
  segments: readonly Segment[];
  live: Live;
}

/** `count` workgroups on a grid whose rows are as long as those for `most`, as its kernel takes them to be. */
function within(most: number): (count: number) => Workgroups | undefined {
  const { x } = gridOf(most);
  return (count) => (count <= 0 ? undefined : count <= x ? { x: count, y: 1 } : { x, y: Math.ceil(count / x) });
}

/** Of the chunk's components, those that there are. */
const taking = ({ firstComponent, componentCount }: Chunk, components: number): number =>
  Math.min(componentCount, Math.max(components - firstComponent, 0));

export function iterationSegments(
  device: GPUDevice,
  maker: CommandMaker,
  method: Method,
  objective: Objective,
  plan: SamplePlan,
  capacity: number,
  variants: Variants,
  { moments, components, rank, regress, shared: sharedBatch, allotted, tiles: density }: LoadedKernels,
): Segment[] {
  const { covariance } = method;
  const { dim } = objective.box;
  const { named } = maker;
  const shared = method.sampling !== 'own';
  // Workgroups a leaf, or invocations.
  const whole = variants.moments === 'whole';
  const tiles = whole
    ? 1
    : moments
      ? moments.momentTiles(momentsSpec(method, dim, plan))
      : momentBlocks({ dim, estimator: method.estimator });
  const leafGroups = (count: number, leaves: number) =>
    components ? leaves * Math.ceil(count / components.COMPONENT_LANES) : Math.ceil((count * leaves * tiles) / (moments ? 1 : LANES));
  const uniformOf = (chunk: Chunk): Record<string, GPUBuffer> => ({
    ms_chunk: maker.uniform(
      'chunk',
      pack(chunkLayout, {
        first_component: chunk.firstComponent,
        component_count: chunk.componentCount,
        first_leaf: chunk.firstLeaf,
        leaf_count: chunk.leafCount,
        first_sample: chunk.firstSample,
        sample_count: chunk.sampleCount,
        stride: spaced(plan.chunkSize),
        batch_stride: spaced(Math.max(plan.batchSize, 1)),
        sample_grid: gridOf(Math.ceil((chunk.componentCount * chunk.sampleCount) / LANES)).x,
        leaf_grid: gridOf(leafGroups(chunk.componentCount, chunk.leafCount)).x,
        spare0: 0,
        spare1: 0,
      }),
    ),
  });
  /** One invocation for every `each` samples of a component, of those of `chunk` that are there. */
  const perSample = (chunk: Chunk, rows: (live: Live) => number, each: number = variants.grouping.size): Command['workgroups'] => {
    const grid = within(Math.ceil((chunk.componentCount * chunk.sampleCount) / LANES));
    return (live) => {
      const there = Math.max(Math.min(chunk.sampleCount, rows(live) - chunk.firstSample), 0);
      return grid(Math.ceil((taking(chunk, live.components) * Math.ceil(there / each)) / LANES));
    };
  };
  const perLeaf = (chunk: Chunk): Command['workgroups'] => {
    const grid = within(leafGroups(chunk.componentCount, chunk.leafCount));
    return (live) => {
      const leaves = Math.min(chunk.leafCount, live.leaves - chunk.firstLeaf);
      return grid(leafGroups(taking(chunk, live.components), Math.max(leaves, 0)));
    };
  };
  /** So many workgroups for each of the chunk's components. */
  const perTaking =
    (chunk: Chunk, each: number): Command['workgroups'] =>
    ({ components }) =>
      gridOf(taking(chunk, components) * each);
  const perComponent: Command['workgroups'] = ({ components }) => gridOf(components);
  const once: Command['workgroups'] = () => ({ x: 1, y: 1 });

  const segments: Segment[] = [];
  const packed = packs(method, variants) ? [maker.make('pack', {}, perComponent)] : [];
  let commands: Command[] = [...packed];
  const drawing = sharedBatch?.drawingWorkgroups(method, plan, variants);
  for (const { draw, chunks } of plan.batches) {
    const uniform = uniformOf(draw);
    const grid = within(Math.ceil(draw.sampleCount / LANES));
    const fresh = perSample(draw, (live) => live.fresh, 1);
    if (method.nodes === 'whitened') {
      commands.push(maker.make('whiten', uniform, perTaking(draw, 1)));
    }
    if (objective.kind !== 'wgsl') {
      commands.push(maker.make('draw', uniform, fresh));
      segments.push({
        commands,
        batch: {
          device,
          points: named.ms_user_points!,
          values: named.ms_loaded_values!,
          gradients: named.ms_loaded_gradients,
          count: draw.componentCount * draw.sampleCount,
          dim,
        },
      });
      commands = [];
    }
    commands.push(
      maker.make(
        'sample',
        uniform,
        whole ? perLeaf(draw) : drawing ? (live) => grid(drawing(draw, live.fresh)) : perSample(draw, (live) => live.fresh),
      ),
    );
    if (density) {
      commands.push(maker.make('density', uniform, perTaking(draw, Math.ceil(draw.sampleCount / density.TILE))));
    }
    if (shared)
      commands.push(
        maker.make(
          'log ratio',
          uniform,
          perSample(draw, (live) => live.rows),
        ),
      );
    if (rank) {
      for (const { kernel, step, workgroups } of rank.rankDispatches(shared ? 1 : capacity, plan.samples)) {
        commands.push(maker.make(kernel, { ms_step: maker.uniform('rank step', step) }, () => gridOf(workgroups)));
      }
    }
    // All components at once, where nothing lies in memory for each of them.
    for (const chunk of components ? [{ ...draw, componentCount: capacity }] : chunks) {
      const own = shared ? uniformOf(chunk) : uniform;
      if (shared && !components)
        commands.push(
          maker.make(
            'reweigh',
            own,
            perSample(chunk, (live) => live.rows, variants.reweigh.size),
          ),
        );
      if (!whole) commands.push(maker.make('moments', own, perLeaf(chunk)));
      if (regress) {
        for (const [name, count] of Object.entries(regress.regressWorkgroups({ dim, covariance }))) {
          commands.push(maker.make(name, own, perTaking(chunk, count)));
        }
      }
    }
  }
  if (method.step.size.kind === 'spectral') commands.push(maker.make('spectrum', {}, perComponent));
  commands.push(maker.make('update', {}, perComponent));
  if (allotted) {
    const { draw } = plan.batches[0]!;
    commands.push(
      ...packed,
      ...allotted.rewardCommands(
        maker,
        uniformOf(draw),
        perSample(draw, (live) => live.rows),
      ),
    );
  }
  commands.push(maker.make('control', {}, once));
  if (allotted) commands.push(...allotted.adaptCommands(maker, method, plan));
  segments.push({ commands });
  return segments;
}
