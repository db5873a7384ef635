/** Markdown tables and the numbers in them. */

/** Text columns to the left, columns of numbers to the right. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = header.map((_, column) => rows.every((row) => /^(-?[\d,.]+( ± [\d,.]+)?|-|NaN)/.test(row[column]!)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(isNumber.map((right) => (right ? '--:' : '---'))), ...rows.map(line)].join('\n');
}

/** 1,234,567. */
export const whole = (x: number): string => Math.round(x).toLocaleString('en-US');

/** Three significant digits, never in exponents. */
export function short(x: number): string {
  if (!Number.isFinite(x)) return '-';
  if (Math.abs(x) >= 100) return whole(x);
  return x === 0 ? '0' : Number(x.toPrecision(3)).toString();
}
