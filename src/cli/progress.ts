/** The progress bar: on standard error, and only where a person looks at it. */
import cliProgress from 'cli-progress';
import type { Progress, ReportRow } from '../index.ts';
import { shortNumber } from './numbers.ts';

export interface ProgressBar {
  update?: (progress: Progress) => void;
  /** Removes the bar; may be called again. */
  stop(): void;
}

/** Share of the bar given to the first annealing: how many more waves a default search takes is not known beforehand. */
const FIRST_WAVE = 0.9;
/** A run cools by about this much. */
const COOLING = 1e4;

export function showProgress(quiet: boolean): ProgressBar {
  if (quiet || !process.stderr.isTTY) return { stop: () => {} };
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: '{bar} {percentage}% | wave {wave} | iteration {iteration} | {evaluations} evaluations | {modes} modes | best {best}',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
    barsize: 24,
    barCompleteChar: '#',
    barIncompleteChar: '.',
  });
  bar.start(1, 0, { wave: 1, iteration: 0, evaluations: 0, modes: 0, best: '-' });
  let shown = 0;
  let firstTemperature: number | undefined;
  let running = true;
  return {
    update: ({ wave, iteration, evaluations, temperature, best, modes, done }) => {
      if (!running) return;
      firstTemperature ??= temperature;
      const cooled = wave > 0 ? 1 : Math.log(firstTemperature / temperature) / Math.log(COOLING);
      shown = Math.min(1, Math.max(shown, done, FIRST_WAVE * Math.min(1, cooled || 0)));
      const counts = { iteration: iteration.toLocaleString('en-US'), evaluations: evaluations.toLocaleString('en-US') };
      bar.update(shown, { wave: wave + 1, ...counts, modes, best: shortNumber(best) });
    },
    stop: () => {
      if (running) bar.stop();
      running = false;
    },
  };
}

/** Keeps the trace as it comes, where a report wants one, and shows the progress where it is shown. */
export function collecting(trace: ReportRow[] | undefined, update: ProgressBar['update']): { onProgress?: (progress: Progress) => void } {
  if (!trace) return update ? { onProgress: update } : {};
  return {
    onProgress: (progress) => {
      trace.push(...progress.rows);
      update?.(progress);
    },
  };
}
