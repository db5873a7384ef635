/** Numbers for people. */

/** Rounded to `digits` significant ones, without trailing zeros. */
export function shortNumber(value: number, digits = 7): string {
  if (!Number.isFinite(value)) return '-';
  if (value !== 0 && Math.abs(value) < 1e-10) return value.toExponential(1);
  return String(Number(value.toPrecision(digits)));
}

/** As many decimals as tell a millionth of an interval of this width. */
export function coordinate(value: number, width: number): string {
  const decimals = 6 - Math.ceil(Math.log10(width));
  if (decimals < 0 || decimals > 12) return value.toExponential(6);
  return value.toFixed(decimals).replace(/^-(0(\.0*)?)$/, '$1');
}

/** A share between 0 and 1. */
export function share(value: number): string {
  return value > 0 && value < 5e-5 ? value.toExponential(1) : value.toFixed(4);
}

export const count = (value: number): string => value.toLocaleString('en-US');

/** `1 mode`, `2 modes`. */
export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
