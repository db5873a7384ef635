/** `modescape invert FORWARD`: a forward model and data in, the posterior's modes out. */
import { type InvertOptions, inversionMethods, readInversion } from '../api/invert.ts';
import { OptionError } from '../gpu/errors.ts';
import { closeDevices, type InversionResult, invert, type NoiseOptions, type PriorOptions, type ReportRow, toHtml } from '../index.ts';
import { openGpu } from '../node/index.ts';
import type { InversionProblem } from '../problems/inversion.ts';
import { findInversion, inversions } from '../problems/inversions.ts';
import { unknownName } from '../run/options.ts';
import { checkAdapterChoice } from './adapter.ts';
import { type CheckpointFlags, readCheckpoints } from './checkpoints.ts';
import { readColumn, readMatrix } from './columns.ts';
import { exitCode } from './exit.ts';
import { isPath, readFile } from './files.ts';
import { onInterrupt } from './interrupt.ts';
import { checkOutputPath, checkReportPath, resultJson, writeOutput } from './json.ts';
import { plural, share, shortNumber } from './numbers.ts';
import { type NumberFlags, readDim, readNumber, readNumbers, readSettings, readTuning } from './options.ts';
import { collecting, showProgress } from './progress.ts';
import { summary } from './report.ts';
import { table } from './table.ts';

export interface InvertFlags extends NumberFlags, CheckpointFlags {
  dim?: string;
  data?: string;
  column?: string;
  noise?: string;
  noiseCovariance?: string;
  priorMean?: string;
  priorSd?: string;
  method?: string;
  set: string[];
  json?: string;
  report?: string;
  tuning?: string;
  quiet?: boolean;
}

/** @returns the exit code. */
export async function invertCommand(name: string, flags: InvertFlags): Promise<number> {
  const options = {
    ...readProblem(name, flags),
    ...readNumbers(flags),
    ...readTuning(flags),
    ...readCheckpoints(flags),
    method: namedMethod(flags),
  } as InvertOptions;
  // What invert() will check again, here before a GPU is looked for.
  const { model } = readInversion(options);
  if (flags.json !== undefined) checkOutputPath('--json', flags.json);
  if (flags.report !== undefined) checkReportPath(flags.report);
  checkAdapterChoice();
  const progress = showProgress(flags.quiet ?? false);
  const interrupt = onInterrupt(flags.quiet ?? false, () => progress.stop());
  const trace: ReportRow[] | undefined = flags.report === undefined ? undefined : [];
  let result: InversionResult;
  try {
    const { gpu } = await openGpu();
    result = await invert({ ...options, gpu, signal: interrupt.signal, ...collecting(trace, progress.update) });
  } finally {
    progress.stop();
    interrupt.dispose();
    await closeDevices();
  }
  if (flags.json !== '-') process.stdout.write(describeInversion(result));
  if (flags.json !== undefined) {
    writeOutput(flags.json, resultJson(result, { command: 'invert', forward: name, dim: model.dim, observations: model.observations }));
  }
  if (flags.report !== undefined) writeOutput(flags.report, toHtml(result, { title: `modescape invert ${name}`, trace: trace ?? [] }));
  return result.status === 'aborted' ? exitCode.interrupted : exitCode.success;
}

function namedMethod({ method, set }: InvertFlags) {
  const name = method ?? 'df-gmvi';
  const known = Object.hasOwn(inversionMethods, name) ? inversionMethods[name] : undefined;
  if (!known) throw unknownName('method', name, Object.keys(inversionMethods));
  return known(readSettings(set));
}

/** @throws OptionError saying what is missing or which names are near. */
function readProblem(name: string, flags: InvertFlags): Partial<InvertOptions> {
  const dim = readDim(flags.dim);
  const given: Partial<InvertOptions> = {
    ...(flags.data === undefined ? {} : { y: readColumn(readFile(flags.data), flags.data, flags.column) }),
    ...noiseOf(flags),
    ...priorOf(flags, dim),
  };
  if (flags.column !== undefined && flags.data === undefined) throw new OptionError('--column names a column of --data FILE');
  const problem = findInversion(name);
  if (problem) {
    if (given.y !== undefined && given.y.length !== problem.observations) {
      throw new OptionError(`--data ${flags.data} has ${given.y.length} data, and ${name} predicts ${problem.observations}`);
    }
    if (dim !== undefined && dim !== problem.dimension) {
      throw new OptionError(`--dim is ${dim}, and ${name} has ${problem.dimension} parameters; leave it out`);
    }
    return {
      ...problemInversion(problem),
      ...given,
      ...(given.prior ? { prior: { ...problem.prior, ...priorOf(flags, problem.dimension, false).prior } } : {}),
    };
  }
  if (!isPath(name)) {
    const { message } = unknownName('forward model', name, Object.keys(inversions));
    throw new OptionError(`${message} (a WGSL file's name ends in .wgsl)`);
  }
  const wgsl = readFile(name);
  if (wgsl.trim() === '')
    throw new OptionError(`${name}: the file is empty; it must define fn forward(theta: Point, y: ptr<function, Observation>)`);
  if (dim === undefined) throw new OptionError(`${name}: the number of parameters is missing; give --dim D`);
  if (given.y === undefined) throw new OptionError(`${name}: the data are missing; give --data y.csv, one value a line`);
  if (given.noise === undefined) throw new OptionError(`${name}: the noise is missing; give --noise SD, or --noise-covariance FILE`);
  return { wgsl, file: name, dim, ...given };
}

/** What an inversion needs of a built-in problem. */
export function problemInversion({ wgsl, buffers, name, dimension, data, noise, prior }: InversionProblem): InvertOptions {
  return {
    ...(wgsl === undefined ? { buffers: buffers! } : { wgsl, file: `${name}.wgsl` }),
    dim: dimension,
    y: data,
    noise,
    ...(prior ? { prior } : {}),
  };
}

function noiseOf({ noise, noiseCovariance }: InvertFlags): { noise?: NoiseOptions } {
  if (noise !== undefined && noiseCovariance !== undefined) throw new OptionError('give --noise or --noise-covariance, not both');
  if (noiseCovariance !== undefined) return { noise: { covariance: readMatrix(readFile(noiseCovariance), noiseCovariance) } };
  if (noise === undefined) return {};
  const list = numbers('--noise', noise);
  return { noise: list.length === 1 ? list[0]! : list };
}

function priorOf({ priorMean, priorSd }: InvertFlags, dim: number | undefined, complete = true): { prior?: PriorOptions } {
  if (priorMean === undefined && priorSd === undefined) return {};
  const one = (list: number[]) => (list.length === 1 ? list[0]! : list);
  const mean = priorMean === undefined ? 0 : one(numbers('--prior-mean', priorMean, dim));
  const deviation = priorSd === undefined ? 1 : one(numbers('--prior-sd', priorSd, dim));
  // Of a built-in problem what is not given stays.
  return {
    prior: { ...(complete || priorMean !== undefined ? { mean } : {}), ...(complete || priorSd !== undefined ? { deviation } : {}) },
  };
}

function numbers(flag: string, text: string, dim?: number): number[] {
  const list = text.split(',').map((part) => {
    const value = readNumber(part);
    if (typeof value === 'string') throw new OptionError(`${flag}: "${part.trim()}" is not a number; write one, or several with commas`);
    return value;
  });
  if (dim !== undefined && list.length !== 1 && list.length !== dim) {
    throw new OptionError(`${flag} has ${list.length} numbers, and there are ${dim} parameters; give one for each, or one for all`);
  }
  return list;
}

const MOST_ROWS = 20;
const MOST_COORDINATES = 6;

/** Modes, and what it took to find them. */
function describeInversion(result: InversionResult): string {
  const { modes } = result;
  const list = (values: readonly number[], digits: number) =>
    `(${values
      .slice(0, MOST_COORDINATES)
      .map((value) => shortNumber(value, digits))
      .join(', ')}${values.length > MOST_COORDINATES ? `, ... ${values.length} in all` : ''})`;
  const rows = modes
    .slice(0, MOST_ROWS)
    .map((mode, i) => [
      String(i + 1),
      share(mode.weight),
      share(mode.evidenceWeight),
      shortNumber(mode.misfit, 5),
      list(mode.x, 5),
      list(mode.deviation, 2),
      String(mode.components),
    ]);
  const columns = [
    { title: '#', align: 'right' },
    { title: 'weight', align: 'right' },
    { title: 'by evidence', align: 'right' },
    { title: 'misfit', align: 'right' },
    { title: 'parameters' },
    { title: 'standard deviation' },
    { title: 'components', align: 'right' },
  ] as const;
  const more = modes.length > MOST_ROWS ? `... and ${plural(modes.length - MOST_ROWS, 'more mode')}\n` : '';
  return `${table(columns, rows)}${more}\n${summary(result)}`;
}
