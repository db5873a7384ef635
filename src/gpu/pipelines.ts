/**
 * Compiling kernels: asynchronously, all of a solver's at once, each text once per device.
 */
import { ShaderError } from './errors.ts';
import { patiently } from './patience.ts';
import { type KernelSource, textOf } from './wgsl.ts';

export type Resource = GPUBuffer | GPUBufferBinding;

/** A compiled kernel. */
export interface Pipeline {
  readonly source: KernelSource;
  /** A bind group from buffers under the names of the kernel's bindings. Throws when one is missing. */
  bind(resources: Readonly<Record<string, Resource>>): GPUBindGroup;
  encode(pass: GPUComputePassEncoder, group: GPUBindGroup, workgroups: Workgroups): void;
}

/** A dispatch grid and its width, which the kernel needs to rebuild the linear number. */
export interface Workgroups {
  readonly x: number;
  readonly y: number;
}

/** A linear number of workgroups as a grid within the limit per dimension; surplus workgroups find themselves past the end. */
export function gridOf(count: number, limit = 65535): Workgroups {
  if (count <= limit) return { x: Math.max(count, 1), y: 1 };
  const y = Math.ceil(count / limit);
  return { x: Math.ceil(count / y), y };
}

const cache = new WeakMap<GPUDevice, Map<string, Promise<Pipeline>>>();

/**
 * Compiles a kernel, or gives the one already compiled (or being compiled) from the same text on this device.
 * @throws ShaderError with the user's own line, when the mistake is in their text.
 */
export async function compile(device: GPUDevice, source: KernelSource): Promise<Pipeline> {
  const code = await textOf(source);
  let known = cache.get(device);
  if (!known) {
    known = new Map();
    cache.set(device, known);
  }
  const found = known.get(code);
  if (found) return found;
  const pipeline = build(device, source, code);
  known.set(code, pipeline);
  // A failed compile is not remembered: an error names its own file, and texts may be mended.
  pipeline.catch(() => known.delete(code));
  return pipeline;
}

async function build(device: GPUDevice, source: KernelSource, code: string): Promise<Pipeline> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: source.label, code });
  const [info, scoped] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
  const mistake = info.messages.find((message) => message.type === 'error');
  if (mistake) throw shaderError(source, code, mistake);
  if (scoped) throw new ShaderError(`${source.label}: ${scoped.message}`, source.label, 0, 0);

  const layout = device.createBindGroupLayout({
    label: source.label,
    entries: source.bindings.map(({ kind }, binding) => ({
      binding,
      visibility: 4, // GPUShaderStage.COMPUTE; the global may be missing in Node until Dawn is loaded
      buffer: { type: kind === 'uniform' ? 'uniform' : kind === 'read' ? 'read-only-storage' : 'storage' },
    })),
  });
  const pipelineLayout = device.createPipelineLayout({ label: source.label, bindGroupLayouts: [layout] });
  const compute = { module, entryPoint: 'ms_main' };
  const made = device.createComputePipelineAsync({ label: source.label, layout: pipelineLayout, compute });
  const pipeline = await patiently(made).catch((error: Error) => {
    throw new ShaderError(`${source.label}: the driver refused the pipeline: ${error.message}`, source.user?.file ?? source.label, 0, 0);
  });

  return {
    source,
    bind(resources) {
      const entries = source.bindings.map(({ name }, binding) => {
        const resource = resources[name];
        if (!resource) throw new Error(`${source.label}: no buffer for ${name}`);
        return { binding, resource: 'buffer' in resource ? resource : { buffer: resource } };
      });
      return device.createBindGroup({ label: source.label, layout, entries });
    },
    encode(pass, group, { x, y }) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y);
    },
  };
}

/** A compiler message at the user's own line, if it lies in their text. */
function shaderError(source: KernelSource, code: string, message: GPUCompilationMessage): ShaderError {
  const user = source.user;
  if (user && message.lineNum >= user.firstLine && message.lineNum < user.firstLine + user.lines) {
    const line = message.lineNum - user.firstLine + 1;
    return new ShaderError(`${user.file}:${line}:${message.linePos}: ${message.message}`, user.file, line, message.linePos);
  }
  const where = code.split('\n')[message.lineNum - 1] ?? '';
  return new ShaderError(
    `${source.label}:${message.lineNum}:${message.linePos}: ${message.message}\n${where}`,
    source.label,
    message.lineNum,
    message.linePos,
  );
}
