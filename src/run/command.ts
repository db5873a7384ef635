/** One dispatch: which kernel runs on what, on how many workgroups. */
import type { BufferSet } from '../gpu/buffers.ts';
import type { Pipeline, Resource, Workgroups } from '../gpu/pipelines.ts';

/** What there is at most in an iteration. It only bounds dispatches: kernels find surplus workgroups past the end. */
export interface Live {
  components: number;
  rows: number;
  fresh: number;
  leaves: number;
}

/** One dispatch, ready to go. */
export interface Command {
  label: string;
  pipeline: Pipeline;
  group: GPUBindGroup;
  workgroups: (live: Live) => Workgroups | undefined;
}

export function encodeCommand(pass: GPUComputePassEncoder, { pipeline, group, workgroups }: Command, live: Live): void {
  const grid = workgroups(live);
  if (grid) pipeline.encode(pass, group, grid);
}

export class CommandMaker {
  readonly #buffers: BufferSet;
  readonly #named: Record<string, GPUBuffer>;
  readonly #pipelines: Record<string, Pipeline>;

  constructor(buffers: BufferSet, named: Record<string, GPUBuffer>, pipelines: Record<string, Pipeline>) {
    this.#buffers = buffers;
    this.#named = named;
    this.#pipelines = pipelines;
  }

  make(name: string, resources: Record<string, Resource>, workgroups: Command['workgroups']): Command {
    const pipeline = this.#pipelines[name]!;
    return { label: name, pipeline, group: pipeline.bind({ ...this.#named, ...resources }), workgroups };
  }

  /** A small uniform of its own. */
  uniform(label: string, contents: Parameters<BufferSet['create']>[1]): GPUBuffer {
    return this.#buffers.create(label, contents);
  }

  get named(): Readonly<Record<string, GPUBuffer>> {
    return this.#named;
  }
}
