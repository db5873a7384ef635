#!/usr/bin/env node
/** The command line `modescape`: its commands and flags. What they do stands in the files beside this one. */
import { Command, CommanderError, Option } from 'commander';
import { exitCode, exitCodeOf, oneLine } from './exit.ts';
import { type InvertFlags, invertCommand } from './invert.ts';
import { listAdapters, listMethods, listProblems } from './lists.ts';
import { type SearchFlags, searchCommand, type Verb } from './run.ts';
import { startCommand } from './start.ts';

const program = new Command('modescape')
  .description('Finds every mode of an objective and maps multimodal densities, on the GPU.')
  .version(__VERSION__)
  .exitOverride()
  .configureOutput({ outputError: () => {} }) // errors are printed in one place: below
  .showHelpAfterError(false);

const verbs: Record<Verb, string> = {
  minimize: 'find every minimum of an objective in a box',
  maximize: 'find every maximum of an objective in a box',
  sample: 'fit a Gaussian mixture to the density exp(objective), and estimate its evidence',
};

const code = { now: 0 };
const collect = (value: string, before: string[]): string[] => [...before, value];

/** What runs that may be interrupted take. */
const withCheckpoints = (command: Command): Command =>
  command
    .option('--checkpoint <file>', 'keep the state of the run in this file, also at its end')
    .option('--every <S>', 'seconds between checkpoints (default: 60)')
    .option('--resume <file>', 'go on from a checkpoint of the same command; budgets count from the start of that run');

for (const [verb, description] of Object.entries(verbs) as [Verb, string][]) {
  const sampling = verb === 'sample';
  const command = withCheckpoints(program.command(verb))
    .description(description)
    .argument('<objective>', "a .wgsl file that defines `fn objective(x: Point) -> f32`, or a built-in problem's name (modescape problems)")
    .option('--dim <D>', 'number of dimensions')
    .option('--box <bounds>', '"lo:hi" for all dimensions, or "lo:hi,lo:hi,..."')
    .option('--data <file>', 'what the problems logistic-regression, breast-cancer and german-credit read')
    .option('--method <name>', `see modescape methods (default: ${sampling ? 'SAMTRON; ZAMTRON without a gradient' : 'nva'})`)
    .option('--components <K>', 'Gaussians of the mixture')
    .option('--samples <N>', 'samples per component and iteration')
    .option('--iterations <T>', 'stop after this many iterations')
    .option('--evaluations <E>', 'stop after this many evaluations of the objective')
    .option('--seconds <S>', 'stop after this many seconds')
    .option('--target <value>', 'stop when a value this good is seen')
    .option('--seed <S>', 'a whole number; the same seed on the same adapter gives the same result')
    .option('--tuning <how>', 'fixed (default): the same kernels everywhere; auto: those that are fastest here, found in a short trial')
    .addOption(new Option('--set <key=value>', 'an option of the method; may be repeated').argParser(collect).default([], 'none'))
    .option('--json <file>', 'write the result as one JSON object; - for standard output')
    .option('--report <file>', 'write an HTML page: summary, traces, weights and modes')
    .option('--quiet', 'no progress bar and no warnings')
    .action(async (objective: string, flags: SearchFlags) => {
      code.now = await searchCommand(verb, objective, flags);
    });
  if (sampling) {
    command
      .option('--bounded', 'the density lives in the box; else the box only says where to start')
      .option('--draws <N>', 'write this many equally weighted draws from the posterior')
      .option('--draws-file <file>', 'where to, as CSV (default: into the JSON, or draws.csv without --json)');
  } else {
    command
      .option('--boundary <how>', 'samples beyond the box: penalise, reflect, clamp, smooth or none')
      .option('--waves <W>', 'annealed waves; 1 for a single mixture without restarts');
  }
}

withCheckpoints(program.command('invert'))
  .description('infer the parameters of a forward model from data: all modes of the posterior')
  .argument(
    '<forward>',
    "a .wgsl file that defines `fn forward(theta: Point, y: ptr<function, Observation>)`, or a built-in inverse problem's name (modescape problems)",
  )
  .option('--dim <D>', 'number of parameters')
  .option('--data <file>', 'the data y: one value a line, or a column of a CSV file')
  .option('--column <name>', 'the column of --data')
  .option('--noise <SD>', 'standard deviation of the noise: one, or one for each datum with commas')
  .option('--noise-covariance <file>', 'covariance of the noise, in its place: rows of a square matrix')
  .option('--prior-mean <m>', 'mean of the Gaussian prior: one, or one for each parameter with commas (default: 0, with --prior-sd)')
  .option('--prior-sd <s>', 'its standard deviation, likewise (default: 1, with --prior-mean; neither: no prior)')
  .option('--method <name>', 'gmki, df-gmvi (default), gmbbvi, uki, eki or eks; see modescape methods')
  .option('--components <K>', 'Gaussians of the mixture')
  .option('--iterations <T>', 'stop after this many iterations')
  .option('--evaluations <E>', 'stop after this many model runs')
  .option('--seconds <S>', 'stop after this many seconds')
  .option('--seed <S>', 'a whole number; the same seed on the same adapter gives the same result')
  .option(
    '--tuning <how>',
    'fixed (default): the same kernels everywhere; auto: those that are fastest here, found in a short trial (methods that fit the density)',
  )
  .addOption(new Option('--set <key=value>', 'an option of the method; may be repeated').argParser(collect).default([], 'none'))
  .option('--json <file>', 'write the result as one JSON object; - for standard output')
  .option('--report <file>', 'write an HTML page: summary, traces, weights and modes')
  .option('--quiet', 'no progress bar')
  .action(async (forward: string, flags: InvertFlags) => {
    code.now = await invertCommand(forward, flags);
  });

program
  .command('problems')
  .description('list the built-in problems')
  .action(() => listProblems());

program
  .command('methods')
  .description('list the methods and their options')
  .action(() => listMethods());

program
  .command('adapters')
  .description('list the WebGPU adapters; MODESCAPE_ADAPTER=auto|hardware|software chooses')
  .action(async () => {
    code.now = await listAdapters();
  });

program
  .command('start', { hidden: true })
  .description("what `npm start` runs: all minima of Himmelblau's function and of the 4-dimensional Styblinski-Tang function")
  .option('--quiet', 'no progress bar')
  .action(async (flags: { quiet?: boolean }) => {
    code.now = await startCommand(flags);
  });

/** Someone may stop reading: `modescape problems | head -1`. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.success);
  throw error;
});

try {
  if (process.argv.length <= 2)
    program.error('give a command: minimize, maximize, sample, invert, problems, methods or adapters (see modescape --help)');
  await program.parseAsync();
  process.exitCode = code.now;
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0)
    process.exitCode = exitCode.success; // --help, --version
  else {
    process.stderr.write(`${oneLine(error)}\n`);
    process.exitCode = error instanceof CommanderError ? exitCode.usage : exitCodeOf(error);
  }
}
