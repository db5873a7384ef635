/** `modescape minimize|maximize|sample OBJECTIVE`: check everything, open the GPU, search, show, write. */
import { readSample } from '../api/sample.ts';
import { OptionError } from '../gpu/errors.ts';
import {
  closeDevices,
  maximize,
  minimize,
  type ReportRow,
  type SampleOptions,
  type SampleResult,
  type SearchOptions,
  type SearchResult,
  sample,
  toHtml,
} from '../index.ts';
import { openGpu } from '../node/index.ts';
import { readTarget } from '../objective/objective.ts';
import { checkAdapterChoice } from './adapter.ts';
import { type CheckpointFlags, readCheckpoints } from './checkpoints.ts';
import { exitCode } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { checkOutputPath, checkReportPath, resultJson, writeOutput } from './json.ts';
import { findMethod } from './methods.ts';
import { type NumberFlags, readNumber, readNumbers, readSettings, readTuning } from './options.ts';
import { collecting, showProgress } from './progress.ts';
import { describeResult } from './report.ts';
import { type CommandTarget, readObjective, type TargetFlags } from './target.ts';

export type Verb = 'minimize' | 'maximize' | 'sample';

export interface SearchFlags extends TargetFlags, NumberFlags, CheckpointFlags {
  /** Default: of sample SAMTRON, else nva. */
  method?: string;
  set: string[];
  json?: string;
  /** An HTML page. */
  report?: string;
  quiet?: boolean;
  tuning?: string;
  draws?: string;
  drawsFile?: string;
}

/** @returns the exit code. */
export async function searchCommand(verb: Verb, name: string, flags: SearchFlags): Promise<number> {
  const target = readObjective(name, flags);
  const given = { ...target.options, ...readNumbers(flags), ...readTuning(flags), ...readCheckpoints(flags) };
  const options: SampleOptions = verb === 'sample' ? sampleOptions(given, flags) : { ...given, method: namedMethod(verb, flags) };
  // What the search will check again, here before a GPU is looked for.
  if (verb === 'sample') readSample(options);
  else {
    const objective = readTarget(target.options, verb);
    options.method!.resolve({ derivatives: objective.derivatives, dim: objective.box.dim });
  }
  const { json, drawsFile } = flags;
  if (json !== undefined) checkOutputPath('--json', json);
  if (flags.report !== undefined) checkReportPath(flags.report);
  const drawsPath = options.draws && (drawsFile ?? (json === undefined ? 'draws.csv' : undefined));
  if (drawsFile !== undefined && !options.draws) throw new OptionError('--draws-file: say with --draws how many to write');
  if (drawsPath) checkOutputPath('--draws-file', drawsPath);
  checkAdapterChoice();

  const warning = senseWarning(verb, target);
  if (warning && !flags.quiet) process.stderr.write(`modescape: warning: ${warning}\n`);
  const trace: ReportRow[] | undefined = flags.report === undefined ? undefined : [];
  const result = await search(verb, options, flags, trace);
  if (json !== '-') process.stdout.write(describeResult(result, target.options.box, verb === 'sample'));
  if (json !== undefined) {
    const command = { command: verb, objective: name, dim: target.options.box.length, box: target.options.box };
    writeOutput(json, resultJson(withDraws(result, drawsPath === undefined || drawsPath === 0), command));
  }
  if (flags.report !== undefined) {
    writeOutput(flags.report, toHtml(result, { title: `modescape ${verb} ${name}`, trace: trace ?? [], box: target.options.box }));
  }
  if (drawsPath) {
    writeOutput(drawsPath, drawsText((result as SampleResult).draws));
    if (json !== '-') process.stdout.write(`${(result as SampleResult).draws.length} draws: ${drawsPath}\n`);
  }
  return result.status === 'aborted' ? exitCode.interrupted : exitCode.success;
}

function namedMethod(verb: Verb, flags: SearchFlags) {
  return findMethod(flags.method ?? (verb === 'sample' ? 'SAMTRON' : 'nva'))[verb === 'sample' ? 'sample' : 'search'](
    readSettings(flags.set),
  );
}

function sampleOptions(given: SearchOptions, flags: SearchFlags): SampleOptions {
  const { boundary: _, ...rest } = given;
  // No name given: the default finds its own way to objectives without a gradient.
  const chosen = flags.method !== undefined || flags.set.length > 0;
  return {
    ...rest,
    ...(chosen ? { method: namedMethod('sample', flags) } : {}),
    ...(flags.bounded ? { bounded: true } : {}),
    ...(flags.draws === undefined ? {} : { draws: readNumber(flags.draws) as number }),
  };
}

/** The assessing draws are for programs; a file gets the ones that were asked for. */
function withDraws(result: SearchResult, listed: boolean): Record<string, unknown> {
  if (!('draws' in result)) return { ...result };
  const { weightedDraws: _, draws, drawValues, ...rest } = result as SampleResult;
  return listed && draws.length > 0 ? { ...rest, draws, drawValues } : rest;
}

const drawsText = (draws: readonly (readonly number[])[]): string =>
  `${draws[0]?.map((_, i) => `x${i + 1}`).join(',') ?? ''}\n${draws.map((x) => `${x.join(',')}\n`).join('')}`;

/** One search with its progress bar, which Ctrl-C stops. The devices are closed, so that the process can end. */
export async function search(
  verb: Verb,
  options: SearchOptions,
  { quiet = false }: { quiet?: boolean },
  trace?: ReportRow[],
): Promise<SearchResult> {
  const progress = showProgress(quiet);
  const interrupt = onInterrupt(quiet, () => progress.stop());
  try {
    const { gpu } = await openGpu();
    const run = { minimize, maximize, sample }[verb];
    return await run({ ...options, gpu, signal: interrupt.signal, ...collecting(trace, progress.update) });
  } finally {
    progress.stop();
    interrupt.dispose();
    await closeDevices();
  }
}

/** The verb is taken literally; one that is not the problem's own deserves a word. */
function senseWarning(verb: Verb, { problem }: CommandTarget): string | undefined {
  const own = problem?.sense;
  if (!problem || own === undefined || own === verb || (verb === 'sample' && own === 'maximize')) return undefined;
  const done = verb === 'sample' ? 'exp(objective) is taken as the density, as asked' : `this will ${verb} it, as asked`;
  return `${problem.name} is a problem to ${own}; ${done}`;
}
