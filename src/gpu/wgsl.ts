/**
 * Putting a shader together: constants, bindings, modules, and the user's own text at a known place, so that a mistake in it is
 * reported at their line. No preprocessor: variants are chosen by naming other modules.
 */

/** One resource of a kernel: its name is the WGSL variable and the key under which a buffer is bound. */
export interface Binding {
  readonly name: string;
  readonly kind: 'uniform' | 'read' | 'write';
  /** WGSL type, e.g. `array<f32>`. */
  readonly type: string;
}

/** Text written by the user, set in verbatim. */
export interface UserText {
  readonly text: string;
  /** What to call it in error messages. */
  readonly file: string;
}

/** A piece of WGSL: its text, or how to load it, so that what few kernels are made of is no part of what every page loads. */
export type Module = string | (() => Promise<string>);

/** A kernel as data. */
export interface KernelSource {
  readonly label: string;
  /** Constants, bindings, and the user's text: what comes before the modules. */
  readonly head: string;
  readonly modules: readonly Module[];
  readonly bindings: readonly Binding[];
  /** Invocations a workgroup. */
  readonly lanes: number;
  /** Workgroup memory, of kernels that take much. */
  readonly workgroupBytes?: number | undefined;
  /** Invocations give each other numbers: the device needs the feature `subgroups`. */
  readonly subgroups?: boolean;
  /** Where the user's text lies: its first line (from 1) and number of lines. */
  readonly user?: { readonly file: string; readonly firstLine: number; readonly lines: number };
}

/** The whole text, its modules loaded. */
export async function textOf({ head, modules }: KernelSource): Promise<string> {
  const texts = await Promise.all(modules.map((module) => (typeof module === 'string' ? module : module())));
  return head + texts.join('\n');
}

/** Storage buffers that every device lets a stage bind. */
export const STORAGE_BUFFERS = 8;

/** A WGSL constant: numbers become u32, booleans bool; `f32` constants come as text such as `'-1.0'`. */
export type Constants = Readonly<Record<string, number | boolean | string>>;

export function compose(parts: {
  label: string;
  /** Invocations a workgroup. */
  lanes?: number;
  workgroupBytes?: number;
  subgroups?: boolean;
  constants: Constants;
  bindings: readonly Binding[];
  /** Library modules, in any order: WGSL does not need declaration before use. */
  modules: readonly (Module | readonly Module[])[];
  user?: UserText | undefined;
}): KernelSource {
  const stored = parts.bindings.filter(({ kind }) => kind !== 'uniform').length;
  if (stored > STORAGE_BUFFERS) throw new RangeError(`${parts.label} binds ${stored} storage buffers; a stage has ${STORAGE_BUFFERS}`);
  const { label, bindings, lanes = 64, workgroupBytes, subgroups, user } = parts;
  const head: string[] = subgroups ? ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'] : [];
  head.push(`const ms_LANES: u32 = ${lanes}u;`);
  for (const [name, value] of Object.entries(parts.constants)) {
    if (typeof value === 'number') head.push(`const ${name}: u32 = ${value}u;`);
    else if (typeof value === 'boolean') head.push(`const ${name}: bool = ${value};`);
    else head.push(`const ${name}: f32 = ${value};`);
  }
  head.push('alias Point = array<f32, DIM>;');
  // Always declared, since the user's text may name it; beyond what WGSL lets an array have it is a stand-in that nothing calls.
  head.push(`alias Hessian = array<f32, ${(parts.constants.DIM as number) < 256 ? 'DIM * DIM' : '1u'}>;`);
  if (parts.constants.OBSERVATIONS !== undefined) head.push('alias Observation = array<f32, OBSERVATIONS>;');
  parts.bindings.forEach(({ name, kind, type }, index) => {
    const space = kind === 'uniform' ? 'uniform' : kind === 'read' ? 'storage, read' : 'storage, read_write';
    head.push(`@group(0) @binding(${index}) var<${space}> ${name}: ${type};`);
  });
  const own = `${head.join('\n')}\n`;
  const common = {
    label,
    modules: parts.modules.flat(),
    bindings,
    lanes,
    ...(workgroupBytes ? { workgroupBytes } : {}),
    ...(subgroups ? { subgroups } : {}),
  };
  if (!user) return { ...common, head: own };
  const lines = user.text.split('\n').length;
  return { ...common, head: `${own}${user.text}\n`, user: { file: user.file, firstLine: head.length + 1, lines } };
}
