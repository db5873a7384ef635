// npm run bench:ranks [-- --rounds R]
// Ranks and utilities alone: the sorting network beside the refined histogram, by samples a component, in alternating rounds.
import { BufferSet } from '../src/gpu/buffers.ts';
import { patiently } from '../src/gpu/patience.ts';
import { compile, gridOf } from '../src/gpu/pipelines.ts';
import * as sort from '../src/kernels/rank.ts';
import * as histogram from '../src/kernels/rank-histogram.ts';
import { controlLayout, pack, paramsLayout, zeroControl, zeroParams } from '../src/kernels/state.ts';
import { RandomStream } from '../src/mixture/random.ts';
import { countArgument, readArguments } from './arguments.ts';
import { machineLine, withDevice } from './machine.ts';
import { markdownTable, short, whole } from './markdown.ts';
import { median } from './statistics.ts';

const shapes = [1024, 2048, 4096, 8192, 16384, 32768].flatMap((count) => [1, 4].map((segments) => ({ segments, count })));
const rounds = countArgument('rounds', readArguments(['rounds']).rounds, 5);

await withDevice(async ({ device, adapter }) => {
  console.log(`${machineLine(adapter)}\n`);
  const rows: string[][] = [];
  for (const { segments, count } of shapes) {
    const buffers = new BufferSet(device);
    const random = new RandomStream(1, 0, count);
    const named = {
      ms_control: buffers.create('control', pack(controlLayout, zeroControl)),
      ms_params: buffers.create('params', pack(paramsLayout, { ...zeroParams, utility_offset: Math.log(count / 4 + 1), utility_scale: 1 })),
      // A bowl's values: none alike, most of them near the best.
      ms_values: buffers.create(
        'values',
        Float32Array.from({ length: 4 * segments * count }, () => -(random.normal() ** 2)),
      ),
    };
    const contender = async (ranks: typeof sort | typeof histogram) => {
      const kernels = ranks.rankKernels({ dim: 1, count });
      const all = { ...named, ms_order: buffers.create('ranks', ranks.rankWords(segments, count)) };
      const ready = await Promise.all(
        ranks.rankDispatches(segments, count).map(async ({ kernel, step, workgroups }) => {
          const pipeline = await compile(device, kernels[kernel]!);
          return { pipeline, group: pipeline.bind({ ...all, ms_step: buffers.create('step', step) }), grid: gridOf(workgroups) };
        }),
      );
      return async (times: number): Promise<number> => {
        const before = performance.now();
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (let t = 0; t < times; t++) for (const { pipeline, group, grid } of ready) pipeline.encode(pass, group, grid);
        pass.end();
        device.queue.submit([encoder.finish()]);
        await patiently(device.queue.onSubmittedWorkDone());
        return (performance.now() - before) / times;
      };
    };
    const contenders = [await contender(sort), await contender(histogram)];
    const times: number[][] = [[], []];
    const many: number[] = [];
    for (const run of contenders) {
      await run(1);
      many.push(Math.round(Math.min(50, Math.max(1, 20 / (await run(1))))));
    }
    for (let round = 0; round < rounds; round++) {
      for (const [i, run] of contenders.entries()) times[i]!.push(await run(many[i]!));
    }
    const [sorted, counted] = times.map(median) as [number, number];
    rows.push([String(segments), whole(count), short(sorted), short(counted), short(sorted / counted)]);
    buffers.destroy();
  }
  console.log(markdownTable(['components', 'samples each', 'sort ms', 'histogram ms', 'sort / histogram'], rows));
});
