/** Data files of an inversion: one value a line, or a column by its name; and square tables. */
import { OptionError } from '../gpu/errors.ts';
import { parseTable } from '../problems/data-tables.ts';

/** @throws OptionError naming the row (the line of the text) and column of a cell that is no number. */
export function readColumn(text: string, file: string, column: string | undefined): number[] {
  const lines = text.split(/\r\n|\r|\n/);
  const first = lines.findIndex((line) => line.trim() !== '');
  const separator = [';', ','].find((mark) => lines[first]?.includes(mark)) ?? /\s+/;
  const names = (lines[first] ?? '').trim().split(separator).map(unquoted);
  if (column === undefined) {
    if (names.length > 1) {
      throw new OptionError(`${file}: its rows have ${names.length} cells; write one value a line, or name a column with --column`);
    }
    return parseTable(text, file).map((row) => row[0]!);
  }
  const at = names.indexOf(column);
  if (at < 0) throw new OptionError(`${file}: no column "${column}"; its first row names ${names.join(', ') || 'nothing'}`);
  const values: number[] = [];
  for (const [l, line] of lines.entries()) {
    if (l <= first || line.trim() === '') continue;
    const cells = line.trim().split(separator);
    const cell = unquoted(cells[at] ?? '');
    if (cell === '') throw new OptionError(`${file}: row ${l + 1}, column "${column}" is empty`);
    if (!Number.isFinite(Number(cell))) throw new OptionError(`${file}: row ${l + 1}, column "${column}" is "${cell}", not a number`);
    values.push(Number(cell));
  }
  if (values.length === 0) throw new OptionError(`${file}: there are no rows below the names of its columns`);
  return values;
}

/** A covariance as rows. @throws OptionError */
export function readMatrix(text: string, file: string): number[][] {
  const rows = parseTable(text, file);
  if (rows.length !== rows[0]!.length)
    throw new OptionError(`${file}: ${rows.length} rows of ${rows[0]!.length} numbers; a covariance is square`);
  return rows;
}

const unquoted = (cell: string): string => cell.trim().replace(/^"(.*)"$/, '$1');
