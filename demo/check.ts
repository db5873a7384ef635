/** Whether a text compiles: by the device's own compiler, on the kernels that evaluate it. */
import { type Gpu, openDevice } from '../src/gpu/device.ts';
import { ShaderError } from '../src/gpu/errors.ts';
import { compile } from '../src/gpu/pipelines.ts';
import { evaluateKernel } from '../src/kernels/evaluate.ts';
import { readTarget } from '../src/objective/objective.ts';
import type { Settings } from './settings.ts';
import { FILE, targetOf } from './target.ts';

export interface Mistake {
  /** From 1. */
  line: number;
  column: number;
  message: string;
}

/** The first mistake in the text of the settings; undefined where there is none. */
export async function findMistake(device: GPUDevice, settings: Settings): Promise<Mistake | undefined> {
  try {
    const gpu: Gpu = await openDevice({ device });
    const { sense, ...target } = targetOf(settings);
    const { text, derivatives, box } = readTarget(target, sense ?? 'minimize');
    await compile(gpu.device, evaluateKernel({ dim: box.dim, gradient: derivatives !== 'value', objective: text }));
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof ShaderError)) return { line: 1, column: 1, message };
    return { line: Math.max(1, error.line), column: Math.max(1, error.column), message: message.replace(place, '') };
  }
}

/** `objective.wgsl:3:7: ` in front of a message: the mark in the editor says it already. */
const place = new RegExp(`^${FILE.replace('.', '\\.')}(:\\d+)*:\\s*`);
