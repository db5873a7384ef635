/** The GPU buffers that one iteration leaves to the next, in and out of a checkpoint. */
import { readBuffer, usage } from '../gpu/buffers.ts';
import { type ControlValues, controlLayout, type ParamsValues, pack, paramsLayout, stopBit, unpack } from '../kernels/state.ts';
import { mismatch } from './checkpoint.ts';
import { encodeCommand } from './command.ts';
import type { Engine } from './engine.ts';
import { isAllotted } from './method.ts';

/** Words by the names of their buffers; zeros at the end are left out. */
export type SavedBuffers = Readonly<Record<string, Uint32Array>>;

/**
 * Written before they are read in every iteration, or rows of the trace, which the host has already. What is not named here is saved: a
 * buffer that is added costs bytes until it is looked at, never a run its state.
 */
const scratch: readonly string[] = [
  'ms_box',
  'ms_packed',
  'ms_eps',
  'ms_parts',
  'ms_moments',
  'ms_trace',
  'ms_slopes',
  'ms_row_slopes',
  'ms_scratch',
  'ms_weights',
  'ms_rewards',
  'ms_gram',
  'ms_rows_of',
  'ms_fit',
  'ms_past_density',
  'ms_order',
  'ms_user_points',
  'ms_loaded_values',
  'ms_loaded_gradients',
];

/** The samples themselves: they outlive their iteration where rows are used again. */
const ofSamples: readonly string[] = ['ms_values', 'ms_points', 'ms_point_slopes'];

/** Buffers of a density method that persist. */
function persistentNames({ named, method, objective }: Engine): string[] {
  const reused = isAllotted(method) && (method.batch?.reuse ?? 0) > 0;
  const left = new Set([...scratch, ...(reused ? [] : ofSamples), ...Object.keys(objective.data)]);
  return Object.keys(named).filter((name) => !left.has(name));
}

/** All that one iteration leaves to the next, as it is once the work submitted so far is done. */
export const saveEngine = (engine: Engine): Promise<SavedBuffers> => saveBuffers(engine.gpu.device, engine.named, persistentNames(engine));

/** Whether a saved state fits. @throws CheckpointError */
export const checkEngine = (engine: Engine, saved: SavedBuffers): void => checkBuffers(engine.named, persistentNames(engine), saved);

/** Goes on from a state that {@link checkEngine} has passed, within budgets counted from the start; without them it is only looked at. */
export function loadEngine(engine: Engine, saved: SavedBuffers, limits?: Limits): void {
  const { buffers, control, unfinished } = limits
    ? withLimits(saved, limits, isAllotted(engine.method))
    : { buffers: saved, control: savedControl(saved), unfinished: false };
  loadBuffers(engine.gpu.device, engine.named, buffers);
  engine.goOn(control);
  if (!unfinished) return;
  endIteration(engine);
  // It may have added a component.
  engine.goOn({ ...control, components: Math.min(engine.capacity, control.components + 1) });
}

/** Commands of an iteration that a stop flag keeps from running. */
const afterControl: readonly string[] = ['past density', 'adapt'];

/** Makes up for what a stop flag kept from running. */
function endIteration(engine: Engine): void {
  const { device } = engine.gpu;
  const { segments, live } = engine.next();
  const encoder = device.createCommandEncoder({ label: 'end of an iteration' });
  const pass = encoder.beginComputePass({ label: 'end of an iteration' });
  for (const command of segments.at(-1)!.commands) {
    if (afterControl.includes(command.label)) encodeCommand(pass, command, { ...live, components: engine.capacity });
  }
  pass.end();
  device.queue.submit([encoder.finish()]);
}

/** Of inversion, likewise; the last ones are constants of a method, made anew with its engine. */
const forwardScratch: readonly string[] = [
  'ms_trace',
  'ms_moments',
  'ms_scratch',
  'ms_slopes_of',
  'ms_bends',
  'ms_explored',
  'ms_noise',
  'ms_innovations',
  'ms_entropy',
  'ms_pulls',
  'ms_prior_factors',
  'ms_deviations',
  'ms_responses',
  'ms_gram',
  'ms_weights',
  'ms_nodes',
  'ms_prior',
];

/** Buffers of an inversion that persist. @param model names of the forward model's own buffers, filled by every batch */
export function forwardNames(named: object, model: object): string[] {
  const left = new Set([...forwardScratch, ...Object.keys(model)]);
  return Object.keys(named).filter((name) => !left.has(name));
}

/** All at one moment of the queue. */
export async function saveBuffers(
  device: GPUDevice,
  named: Readonly<Record<string, GPUBuffer>>,
  names: readonly string[],
): Promise<SavedBuffers> {
  const sizes = names.map((name) => named[name]!.size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // One buffer may be smaller than all of them together.
  if (total > device.limits.maxBufferSize) return saveOneByOne(device, named, names);
  const all = device.createBuffer({ label: 'checkpoint', size: total, usage: usage.copySource | usage.copyDestination });
  try {
    const encoder = device.createCommandEncoder({ label: 'checkpoint' });
    let at = 0;
    for (const [i, name] of names.entries()) {
      encoder.copyBufferToBuffer(named[name]!, 0, all, at, sizes[i]!);
      at += sizes[i]!;
    }
    device.queue.submit([encoder.finish()]);
    const words = new Uint32Array(await readBuffer(device, all));
    at = 0;
    return Object.fromEntries(
      names.map((name, i) => {
        const from = at / 4;
        at += sizes[i]!;
        return [name, withoutZeros(words.subarray(from, at / 4))];
      }),
    );
  } finally {
    all.destroy();
  }
}

async function saveOneByOne(
  device: GPUDevice,
  named: Readonly<Record<string, GPUBuffer>>,
  names: readonly string[],
): Promise<SavedBuffers> {
  const saved: [string, Uint32Array][] = [];
  for (const name of names) saved.push([name, withoutZeros(new Uint32Array(await readBuffer(device, named[name]!)))]);
  return Object.fromEntries(saved);
}

function withoutZeros(words: Uint32Array): Uint32Array {
  let length = words.length;
  while (length > 0 && words[length - 1] === 0) length--;
  return words.slice(0, length);
}

/** Before anything is written. @throws CheckpointError */
export function checkBuffers(named: Readonly<Record<string, GPUBuffer>>, names: readonly string[], saved: SavedBuffers): void {
  if (typeof saved !== 'object' || saved === null) mismatch('the buffers of the GPU');
  const others = Object.keys(saved).find((name) => !names.includes(name));
  if (others !== undefined) mismatch(`${others} (which it holds and should not)`);
  for (const name of names) {
    const words = saved[name];
    if (!(words instanceof Uint32Array) || 4 * words.length > named[name]!.size) mismatch(name);
  }
  if (saved.ms_control!.length > Object.keys(controlLayout).length) mismatch('the control block');
}

export function loadBuffers(device: GPUDevice, named: Readonly<Record<string, GPUBuffer>>, saved: SavedBuffers): void {
  for (const [name, words] of Object.entries(saved)) {
    const whole = new Uint32Array(named[name]!.size / 4);
    whole.set(words);
    device.queue.writeBuffer(named[name]!, 0, whole);
  }
}

/** Budgets of a run that goes on, counted from its very start. */
export interface Limits {
  maxIterations?: number | undefined;
  maxEvaluations?: number | undefined;
  /** In the direction of maximisation. */
  targetValue?: number | undefined;
}

const UNLIMITED = 0xffffffff;
const bounded = (limit: number | undefined): number => Math.max(0, Math.min(limit ?? UNLIMITED, UNLIMITED));

/**
 * The blocks with other budgets, and the stop flag as they would have set it: with the budgets of before, the words of before. What a
 * schedule has laid out over the first budgets stays as it was.
 */
export function withLimits(
  saved: SavedBuffers,
  limits: Limits,
  allotted = false,
): { buffers: SavedBuffers; control: ControlValues; unfinished: boolean } {
  const params = blockOf(paramsLayout, saved.ms_params!) as ParamsValues;
  const control = savedControl(saved);
  const maxIterations = bounded(limits.maxIterations);
  const maxEvaluations = bounded(limits.maxEvaluations);
  const target = limits.targetValue;
  // The control kernel has stopped before components were adapted and rows allotted: that is to be made up for.
  const skipped = allotted && control.iteration > 0 && (control.stop & ~stopBit.evaluations) !== 0;
  const next = allotted ? control.fresh : params.evaluations_per_iteration;
  const budgets = stopBit.iterations | stopBit.evaluations | stopBit.target;
  let stop = control.stop & ~budgets;
  if (control.iteration >= maxIterations) stop |= stopBit.iterations;
  if (!skipped && control.evaluations + next > maxEvaluations) stop |= stopBit.evaluations;
  if (target !== undefined && control.best >= Math.fround(target)) stop |= stopBit.target;
  const blocks = {
    params: pack(paramsLayout, {
      ...params,
      max_iterations: maxIterations,
      max_evaluations: maxEvaluations,
      target_value: target ?? 0,
      has_target: target === undefined ? 0 : 1,
    }),
    control: { ...control, stop },
  };
  return {
    buffers: { ...saved, ms_params: blocks.params, ms_control: pack(controlLayout, blocks.control) },
    control: blocks.control,
    unfinished: skipped && stop === 0,
  };
}

/** The control block of a saved state. */
export const savedControl = (saved: SavedBuffers): ControlValues => blockOf(controlLayout, saved.ms_control!) as ControlValues;

function blockOf(layout: typeof controlLayout | typeof paramsLayout, words: Uint32Array) {
  const whole = new Uint32Array(1 + Object.keys(layout).length);
  whole.set(words);
  return unpack(layout as typeof paramsLayout, whole.buffer) as unknown;
}
