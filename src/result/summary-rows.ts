/** A summary as rows of text, for the command line's table and the report's. */
import type { RunSummary } from './summary.ts';

/** One line of a printed summary. */
export interface SummaryRow {
  /** What the line is about. */
  name: string;
  /** Numbers formatted for people. */
  value: string;
  /** Nothing happened: a short listing leaves it out. */
  usual: boolean;
}

const whole = (value: number): string => value.toLocaleString('en-US');
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const ofRun = (part: number, run: number): string => `${part.toFixed(2)} s${run > 0 ? ` (${percent(part / run)} of the run)` : ''}`;
const withError = (value: number, error: number): string => {
  const digits = Math.min(Math.max(Math.ceil(1 - Math.log10(Math.max(error, 1e-9))), 1), 6);
  return `${value.toFixed(digits)} +- ${error.toPrecision(2)}`;
};

/** The lines of a {@link RunSummary}, in the order in which the command line prints them. */
export function summaryRows(summary: RunSummary): SummaryRow[] {
  const { modes, unseen, components, posterior, seconds, waves } = summary;
  const inversion = waves === undefined;
  const rows: SummaryRow[] = [];
  const add = (name: string, value: string, usual = false) => void rows.push({ name, value, usual });
  add('outcome', `${summary.status === 'aborted' ? 'aborted: ' : ''}${summary.outcome}`);
  add('method', summary.method, true);
  add(inversion ? 'model runs' : 'evaluations', whole(summary.evaluations));
  if (summary.gradientEvaluations) add('gradients', whole(summary.gradientEvaluations), true);
  add('iterations', `${whole(summary.iterations)}${waves !== undefined && waves > 1 ? ` in ${waves} waves` : ''}`);
  const { total, gpu, readback, ...parts } = seconds;
  const split = Object.entries(parts).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  add('time', `${total.toFixed(2)} s (${split.join(', ')})`);
  add('GPU time', gpu === undefined ? 'not known: no timestamps' : ofRun(gpu, seconds.run), gpu === undefined);
  add('waiting for the GPU', ofRun(readback, seconds.run), true);
  add('adapter', summary.adapter);
  if (modes.foundAgain !== undefined) {
    add('modes found again', `${modes.foundAgain} of ${modes.found}`, unseen === undefined);
  }
  if (modes.found > 0) add('modes shared by several components', `${modes.shared} of ${modes.found}`, true);
  if (unseen) add('modes still unseen', `${unseen.expected.toFixed(1)} (${percent(unseen.share)} of all), by estimate`);
  const started = components.started === undefined || components.started === components.left ? '' : `, ${components.started} at the start`;
  add('components', `${components.left}${started}${components.idle > 0 ? `, ${components.idle} without weight` : ''}`, true);
  add('component deaths', whole(components.deaths), components.deaths === 0);
  add('components added', whole(components.births), components.births === 0);
  add('component steps failed, not taken', whole(summary.failedSteps), summary.failedSteps === 0);
  add(
    inversion ? 'model runs not finite, left out' : 'values not finite, given no weight',
    whole(summary.nonFinite),
    summary.nonFinite === 0,
  );
  if (posterior) {
    const { elbo, elboStandardError, logEvidence, effectiveSampleSize, paretoK, unusableDraws, draws } = posterior;
    add('ELBO', withError(elbo, elboStandardError));
    add('log evidence', withError(logEvidence.value, logEvidence.standardError));
    add('effective sample size', `${Math.round(effectiveSampleSize)} of ${draws} draws (${percent(effectiveSampleSize / draws)})`);
    add('Pareto k', paretoK.toFixed(2));
    add('draws without a usable density', whole(unusableDraws), unusableDraws === 0);
  }
  for (const warning of summary.warnings) add('warning', warning);
  return rows;
}
