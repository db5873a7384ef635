/**
 * Bayesian logistic regression: the log of likelihood times prior of the weights, given rows of features with labels. The
 * benchmarks BC (breast cancer) and GC (German credit) of variational inference, formulas sheet `gmmvi.md` section 5.1.
 *
 * Features are divided by their population standard deviation, not centred; a column of ones comes first. `P(label = 1)` is the
 * logistic function of `row . theta` (the references have the minus sign, that is theta mirrored), the prior `N(0, s^2 I)`.
 *
 * Float32 against float64, measured on a software adapter: at the MAP the value is off by 1.5e-5 (BC) and 1.4e-5 (GC), at draws
 * of the Laplace approximation by at most 7e-5 and 1.3e-4; the gradient by at most 6e-5 and 2e-5 of its largest entry.
 */
import { OptionError } from '../gpu/errors.ts';
import { breastCancerTable, germanCreditTable, type LabelledTable, lastColumnTable } from './data-tables.ts';
import type { Problem } from './problem.ts';

export interface LogisticRegressionOptions extends LabelledTable {
  /** Standard deviation of the prior of every weight, the constant's too; 10 by default. */
  readonly priorDeviation?: number;
  /** Name, title and so on of the problem, where it should have its own. */
  readonly about?: Partial<Pick<Problem, 'name' | 'title' | 'source' | 'logEvidence'>>;
}

/** Problems that take a data file, by name: what the command line reads with --data. */
export const dataProblems: Readonly<Record<string, { title: string; read: (text: string, file: string) => Problem }>> = {
  'logistic-regression': {
    title: 'log posterior of a logistic regression; the last column of the file holds labels of two kinds',
    read: (text, file) => logisticRegression(lastColumnTable(text, file)),
  },
  'breast-cancer': { title: 'the same on the breast cancer data (WDBC), 31-D', read: (text, file) => breastCancer(text, file) },
  'german-credit': { title: 'the same on the German credit data, 25-D', read: (text, file) => germanCredit(text, file) },
};

/** Sums over the data rows are gathered in blocks of this many, which keeps their rounding in float32 small. */
const block = 32;

/** @throws OptionError for data that cannot be regressed: no rows, ragged rows, labels other than 0 and 1, a constant feature. */
export function logisticRegression({ features, labels, priorDeviation = 10, about }: LogisticRegressionOptions): Problem {
  if (!(priorDeviation > 0)) throw new OptionError(`priorDeviation must be positive, not ${priorDeviation}`);
  const signed = signedRows(features, labels);
  const dim = signed[0].length;
  const precision = 1 / priorDeviation ** 2;
  const logNorm = -0.5 * dim * Math.log(2 * Math.PI * priorDeviation ** 2);
  const margin = (row: Float64Array, x: Float64Array) => row.reduce((sum, cell, j) => sum + cell * x[j], 0);

  return {
    name: 'logistic-regression',
    title: `Log posterior of a logistic regression on ${signed.length} rows`,
    source: 'data of the caller',
    ...about,
    sense: 'maximize',
    dimension: dim,
    box: Array.from({ length: dim }, () => [-priorDeviation, priorDeviation] as const),
    wgsl: wgslOf(dim, signed.length, precision, logNorm),
    hasGradient: true,
    hasHessian: false,
    data: { logistic_rows: Float32Array.from(signed.flatMap((row) => [...row])) },
    value: (x) => {
      let sum = logNorm;
      for (const t of x) sum -= 0.5 * precision * t * t;
      for (const row of signed) sum -= softplus(-margin(row, x));
      return sum;
    },
    gradient: (x, out) => {
      for (let j = 0; j < dim; j++) out[j] = -precision * x[j];
      for (const row of signed) {
        const missing = 1 / (1 + Math.exp(margin(row, x)));
        for (let j = 0; j < dim; j++) out[j] += missing * row[j];
      }
    },
  };
}

/** log(1 + exp(t)) */
const softplus = (t: number) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));

/** The design matrix, each row times +1 for label 1 and -1 for label 0: the likelihood of a row is `logistic(row . theta)`. */
function signedRows(features: LabelledTable['features'], labels: LabelledTable['labels']): Float64Array[] {
  const count = features.length;
  if (count === 0 || count !== labels.length) {
    throw new OptionError(`logistic regression: ${count} rows of features and ${labels.length} labels; both must be as many, at least one`);
  }
  const columns = features[0].length;
  for (const [r, row] of features.entries()) {
    if (row.length !== columns) {
      throw new OptionError(`logistic regression: row ${r + 1} has ${row.length} features where the first row has ${columns}`);
    }
    const bad = row.findIndex((cell) => !Number.isFinite(cell));
    if (bad >= 0) throw new OptionError(`logistic regression: row ${r + 1}, column ${bad + 1} is ${row[bad]}, not a finite number`);
    if (labels[r] !== 0 && labels[r] !== 1) throw new OptionError(`logistic regression: label ${r + 1} is ${labels[r]}, not 0 or 1`);
  }
  const deviations = Array.from({ length: columns }, (_, c) => {
    const mean = features.reduce((sum, row) => sum + row[c], 0) / count;
    const deviation = Math.sqrt(features.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0) / count);
    if (!(deviation > 0)) throw new OptionError(`logistic regression: column ${c + 1} has the same value in every row; leave it out`);
    return deviation;
  });
  return features.map((row, r) => {
    const sign = 2 * labels[r] - 1;
    return Float64Array.from([sign, ...row.map((cell, c) => (sign * cell) / deviations[c])]);
  });
}

/**
 * Up to here the features are written out: as arrays that a variable indexes they would lie in memory, which a software adapter reads lane by
 * lane (measured on llvmpipe at d = 31: four to five times as long).
 */
const MAX_WRITTEN_OUT = 32;

const wgslOf = (dim: number, rows: number, precision: number, logNorm: number) => /* wgsl */ `
const logistic_count = ${rows}u;
const logistic_block = ${block}u;
const logistic_precision: f32 = ${precision};
const logistic_log_norm: f32 = ${logNorm};

// log(1 + exp(t)) without overflow.
fn logistic_softplus(t: f32) -> f32 {
  return max(t, 0.0) + log(1.0 + exp(-abs(t)));
}
${dim > MAX_WRITTEN_OUT ? loops : writtenOut(dim)}`;

/** The functions with every feature's number in a variable of its own. */
function writtenOut(dim: number): string {
  const each = (line: (j: number) => string): string => Array.from({ length: dim }, (_, j) => `${line(j)}\n`).join('');
  const sum = (term: (j: number) => string): string => Array.from({ length: dim }, (_, j) => term(j)).join(' + ');
  return `
fn objective(x: Point) -> f32 {
  var losses = 0.0;
${each((j) => `  let x${j} = x[${j}];`)}  for (var first = 0u; first < logistic_count; first += logistic_block) {
    var part = 0.0;
    for (var r = first; r < min(first + logistic_block, logistic_count); r++) {
      let row = r * DIM;
      part += logistic_softplus(-(${sum((j) => `logistic_rows[row + ${j}] * x${j}`)}));
    }
    losses += part;
  }
  return logistic_log_norm - 0.5 * logistic_precision * (${sum((j) => `x${j} * x${j}`)}) - losses;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var losses = 0.0;
${each((j) => `  let x${j} = x[${j}]; var g${j} = -logistic_precision * x${j};`)}  for (var first = 0u; first < logistic_count; first += logistic_block) {
    var part = 0.0;
${each((j) => `    var pull${j} = 0.0;`)}    for (var r = first; r < min(first + logistic_block, logistic_count); r++) {
      let row = r * DIM;
${each((j) => `      let a${j} = logistic_rows[row + ${j}];`)}      let margin = ${sum((j) => `a${j} * x${j}`)};
      part += logistic_softplus(-margin);
      let missing = 1.0 / (1.0 + exp(min(margin, 80.0)));
${each((j) => `      pull${j} += missing * a${j};`)}    }
    losses += part;
${each((j) => `    g${j} += pull${j};`)}  }
${each((j) => `  (*gradient)[${j}] = g${j};`)}  return logistic_log_norm - 0.5 * logistic_precision * (${sum((j) => `x${j} * x${j}`)}) - losses;
}
`;
}

const loops = `
fn objective(x: Point) -> f32 {
  var losses = 0.0;
  for (var first = 0u; first < logistic_count; first += logistic_block) {
    var part = 0.0;
    for (var r = first; r < min(first + logistic_block, logistic_count); r++) {
      var margin = 0.0;
      for (var j = 0u; j < DIM; j++) { margin += logistic_rows[r * DIM + j] * x[j]; }
      part += logistic_softplus(-margin);
    }
    losses += part;
  }
  var squares = 0.0;
  for (var j = 0u; j < DIM; j++) { squares += x[j] * x[j]; }
  return logistic_log_norm - 0.5 * logistic_precision * squares - losses;
}

fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  var losses = 0.0;
  var squares = 0.0;
  var pull: Point;
  for (var j = 0u; j < DIM; j++) {
    squares += x[j] * x[j];
    (*gradient)[j] = -logistic_precision * x[j];
  }
  for (var first = 0u; first < logistic_count; first += logistic_block) {
    var part = 0.0;
    for (var j = 0u; j < DIM; j++) { pull[j] = 0.0; }
    for (var r = first; r < min(first + logistic_block, logistic_count); r++) {
      var margin = 0.0;
      for (var j = 0u; j < DIM; j++) { margin += logistic_rows[r * DIM + j] * x[j]; }
      part += logistic_softplus(-margin);
      let missing = 1.0 / (1.0 + exp(min(margin, 80.0)));
      for (var j = 0u; j < DIM; j++) { pull[j] += missing * logistic_rows[r * DIM + j]; }
    }
    losses += part;
    for (var j = 0u; j < DIM; j++) { (*gradient)[j] += pull[j]; }
  }
  return logistic_log_norm - 0.5 * logistic_precision * squares - losses;
}
`;

/**
 * BC, 31 weights, from the text of `breast_cancer.data`. log Z = -77.56 +- 0.01, measured by importance sampling; the MAP's log
 * density is -121.572.
 */
export const breastCancer = (text: string, file?: string): Problem =>
  logisticRegression({
    ...breastCancerTable(text, file),
    about: {
      name: 'breast-cancer',
      title: 'Log posterior of a logistic regression on the breast cancer data',
      source: 'Wisconsin diagnostic breast cancer data (UCI); Arenz et al., ICML 2018 (VIPS)',
      logEvidence: -77.557,
    },
  });

/**
 * GC, 25 weights, from the text of `german.data-numeric`. log Z = -585.097 +- 0.002, measured by importance sampling; the MAP's
 * log density is -548.265.
 */
export const germanCredit = (text: string, file?: string): Problem =>
  logisticRegression({
    ...germanCreditTable(text, file),
    about: {
      name: 'german-credit',
      title: 'Log posterior of a logistic regression on the German credit data',
      source: 'Statlog German credit data (UCI); Arenz et al., ICML 2018 (VIPS)',
      logEvidence: -585.097,
    },
  });
