/** `modescape minimize|maximize|sample OBJECTIVE`: check everything, open the GPU, search, show, write. */
import { closeDevices, maximize, minimize, type SearchOptions, type SearchResult, sample } from '../index.ts';
import { openGpu } from '../node/index.ts';
import { readTarget } from '../objective/objective.ts';
import { checkAdapterChoice } from './adapter.ts';
import { exitCode } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { checkJsonPath, resultJson, writeJson } from './json.ts';
import { findMethod } from './methods.ts';
import { type NumberFlags, readNumbers, readSettings } from './options.ts';
import { showProgress } from './progress.ts';
import { describeResult } from './report.ts';
import { type CommandTarget, readObjective, type TargetFlags } from './target.ts';

export type Verb = 'minimize' | 'maximize' | 'sample';

export interface SearchFlags extends TargetFlags, NumberFlags {
  method: string;
  set: string[];
  json?: string;
  quiet?: boolean;
}

/** @returns the exit code. */
export async function searchCommand(verb: Verb, name: string, flags: SearchFlags): Promise<number> {
  const target = readObjective(name, flags);
  const method = findMethod(flags.method)[verb === 'sample' ? 'sample' : 'search'](readSettings(flags.set));
  const options: SearchOptions = { ...target.options, ...readNumbers(flags), method };
  // What the search will check again, here before a GPU is looked for.
  const objective = readTarget(target.options, verb === 'minimize' ? 'minimize' : 'maximize');
  method.resolve({ derivatives: objective.derivatives, dim: objective.box.dim });
  if (flags.json !== undefined) checkJsonPath(flags.json);
  checkAdapterChoice();

  const warning = senseWarning(verb, target);
  if (warning && !flags.quiet) process.stderr.write(`modescape: warning: ${warning}\n`);
  const result = await search(verb, options, flags);
  if (flags.json !== '-') process.stdout.write(describeResult(result, target.options.box, verb === 'sample'));
  if (flags.json !== undefined) {
    writeJson(flags.json, resultJson(result, { command: verb, objective: name, dim: target.options.box.length, box: target.options.box }));
  }
  return result.status === 'aborted' ? exitCode.interrupted : exitCode.success;
}

/** One search with its progress bar, which Ctrl-C stops. The devices are closed, so that the process can end. */
export async function search(verb: Verb, options: SearchOptions, { quiet = false }: { quiet?: boolean }): Promise<SearchResult> {
  const progress = showProgress(quiet);
  const interrupt = onInterrupt(quiet, () => progress.stop());
  try {
    const { gpu } = await openGpu();
    const run = { minimize, maximize, sample }[verb];
    return await run({ ...options, gpu, signal: interrupt.signal, ...(progress.update ? { onProgress: progress.update } : {}) });
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
