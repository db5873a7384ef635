/** OBJECTIVE on the command line: a .wgsl file or a built-in problem, with its box. */
import { OptionError } from '../gpu/errors.ts';
import type { TargetOptions } from '../index.ts';
import { dataProblems, findProblem, problems } from '../problems/index.ts';
import type { Problem, ProblemFamily } from '../problems/problem.ts';
import { unknownName } from '../run/options.ts';
import { isPath, readFile } from './files.ts';
import { readBox, readDim } from './options.ts';

export interface TargetFlags {
  dim?: string;
  box?: string;
  boundary?: string;
  bounded?: boolean;
  /** A file that the problem reads. */
  data?: string;
}

export interface CommandTarget {
  options: TargetOptions & { box: readonly (readonly [number, number])[] };
  /** When it is a built-in problem. */
  problem?: Problem;
}

/** @throws OptionError saying what is missing or which names are near. */
export function readObjective(name: string, flags: TargetFlags): CommandTarget {
  const dim = readDim(flags.dim);
  const box = flags.box === undefined ? undefined : readBox(flags.box);
  const boundary = flags.boundary === undefined ? {} : { boundary: flags.boundary as TargetOptions['boundary'] & string };
  const reader = Object.hasOwn(dataProblems, name) ? dataProblems[name] : undefined;
  if (flags.data !== undefined && !reader) {
    throw new OptionError(`--data belongs to the problems ${Object.keys(dataProblems).join(', ')}; "${name}" reads no file`);
  }
  if (reader) {
    if (flags.data === undefined) throw new OptionError(`${name} reads a data file; give it with --data FILE`);
    const problem = reader.read(readFile(flags.data), flags.data);
    if (dim !== undefined && dim !== problem.dimension) {
      throw new OptionError(`--dim is ${dim}, but ${name} on ${flags.data} has ${problem.dimension} dimensions; leave it out`);
    }
    return { options: { ...problemTarget(problem), box: spread(box ?? problem.box, problem.dimension), ...boundary }, problem };
  }
  const family = findProblem(name);
  if (family) {
    const problem = problemAt(family, dim ?? (box && box.length > 1 ? box.length : undefined));
    return { options: { ...problemTarget(problem), box: spread(box ?? problem.box, problem.dimension), ...boundary }, problem };
  }
  const wgsl = readText(name);
  const example = `e.g. --dim 2 --box "-5:5"`;
  if (!box) throw new OptionError(`${name}: where to search is missing; give ${dim === undefined ? '--dim and ' : ''}--box (${example})`);
  if (dim === undefined && box.length === 1) throw new OptionError(`${name}: the number of dimensions is missing; give --dim (${example})`);
  return { options: { wgsl, file: name, box: spread(box, dim ?? box.length), ...boundary } };
}

/** What a search needs of a built-in problem; its float64 twin polishes the modes. */
export function problemTarget({ wgsl, name, data, box, value, gradient }: Problem): CommandTarget['options'] {
  return { wgsl, file: `${name}.wgsl`, box, exact: { value, ...(gradient ? { gradient } : {}) }, ...(data ? { data } : {}) };
}

function problemAt(family: ProblemFamily, dim: number | undefined): Problem {
  try {
    return family.at(dim);
  } catch (error) {
    throw error instanceof RangeError ? new OptionError(error.message) : error;
  }
}

/** One pair for all dimensions, or one for each. */
function spread(box: readonly (readonly [number, number])[], dim: number): readonly (readonly [number, number])[] {
  if (box.length === dim) return box;
  if (box.length === 1) return Array.from({ length: dim }, () => box[0]!);
  throw new OptionError(`--box has ${box.length} parts, but there are ${dim} dimensions; give one lo:hi for each, or one for all`);
}

function readText(path: string): string {
  if (!isPath(path)) {
    const { message } = unknownName('problem', path, [...problems.map((problem) => problem.name), ...Object.keys(dataProblems)]);
    throw new OptionError(`${message} (a WGSL file's name ends in .wgsl)`);
  }
  const text = readFile(path);
  if (text.trim() === '') throw new OptionError(`${path}: the file is empty; it must define fn objective(x: Point) -> f32`);
  return text;
}
