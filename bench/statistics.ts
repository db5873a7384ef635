/** The few statistics the tables show. */

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Standard error of the mean; not a number for fewer than two. */
export function standardError(numbers: readonly number[]): number {
  const centre = mean(numbers);
  const squares = numbers.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  return Math.sqrt(squares / (numbers.length - 1) / numbers.length);
}

/** `mean ± standard error`, or the one number there is. */
export function meanAndError(numbers: readonly number[], format: (x: number) => string): string {
  return numbers.length < 2 ? format(mean(numbers)) : `${format(mean(numbers))} ± ${format(standardError(numbers))}`;
}
