/** Reads tables of numbers, and the two raw data files of the logistic regression benchmarks. */
import { OptionError } from '../gpu/errors.ts';

/** What a classification learns from: one row of features and one label, 0 or 1, an observation. */
export interface LabelledTable {
  readonly features: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/**
 * Rows of numbers, one a line; cells are separated by semicolons, commas or white space, whichever the first row has. Blank
 * lines are passed over.
 * @param name what to call the table in messages, e.g. its file name
 * @throws OptionError naming row (the line of the text) and column, from 1, of a missing or non-numeric cell, or a row that has
 * more or fewer cells than the first
 */
export function parseTable(text: string, name: string): number[][] {
  const lines = text.split(/\r\n|\r|\n/);
  const first = lines.find((line) => line.trim() !== '');
  if (first === undefined) throw new OptionError(`${name}: there are no rows`);
  const separator = [';', ','].find((mark) => first.includes(mark)) ?? /\s+/;
  const rows: number[][] = [];
  for (const [l, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const cells = line.trim().split(separator);
    const columns = rows[0]?.length ?? cells.length;
    if (cells.length !== columns) {
      throw new OptionError(`${name}: row ${l + 1} has ${cells.length} cells where the first row has ${columns}`);
    }
    rows.push(
      cells.map((cell, c) => {
        const number = Number(cell);
        if (cell.trim() === '') throw new OptionError(`${name}: row ${l + 1}, column ${c + 1} is empty`);
        if (!Number.isFinite(number)) throw new OptionError(`${name}: row ${l + 1}, column ${c + 1} is "${cell.trim()}", not a number`);
        return number;
      }),
    );
  }
  return rows;
}

/** `breast_cancer.data` (WDBC): 569 rows of an identifier, the label (357 ones) and 30 features. */
export function breastCancerTable(text: string, name = 'breast_cancer.data'): LabelledTable {
  const rows = tableOf(text, name, 32);
  return { features: rows.map((row) => row.slice(2)), labels: labelsOf(rows, name, 2, [0, 1]) };
}

/** `german.data-numeric`: 1000 rows of 24 features and the label, 1 or 2; 2 (300 rows) becomes 1, 1 becomes 0. */
export function germanCreditTable(text: string, name = 'german.data-numeric'): LabelledTable {
  const rows = tableOf(text, name, 25);
  return { features: rows.map((row) => row.slice(0, -1)), labels: labelsOf(rows, name, 25, [1, 2]) };
}

/** Features and, in the last column, labels of two kinds, of which the larger number becomes 1. */
export function lastColumnTable(text: string, name: string): LabelledTable {
  const rows = parseTable(text, name);
  const columns = rows[0].length;
  if (columns < 2) throw new OptionError(`${name}: the rows have one cell; a table of features and labels has more`);
  const kinds = [...new Set(rows.map((row) => row[columns - 1]))].sort((a, b) => a - b);
  if (kinds.length !== 2) {
    throw new OptionError(
      `${name}: column ${columns} holds ${kinds.length} different labels (${kinds.slice(0, 5).join(', ')}); there must be two`,
    );
  }
  return { features: rows.map((row) => row.slice(0, -1)), labels: rows.map((row) => (row[columns - 1] === kinds[1] ? 1 : 0)) };
}

function tableOf(text: string, name: string, columns: number): number[][] {
  const rows = parseTable(text, name);
  if (rows[0].length !== columns) throw new OptionError(`${name}: the rows have ${rows[0].length} cells; this table has ${columns}`);
  return rows;
}

function labelsOf(rows: readonly (readonly number[])[], name: string, column: number, values: readonly [number, number]): number[] {
  return rows.map((row, r) => {
    const label = values.indexOf(row[column - 1]);
    if (label < 0) {
      throw new OptionError(`${name}: row ${r + 1}, column ${column} is ${row[column - 1]}; a label is ${values.join(' or ')}`);
    }
    return label;
  });
}
