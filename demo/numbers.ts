/** Numbers for people. */

/** Some digits, a true minus sign; powers of ten where it is very large or small. */
export function number(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(digits - 2) : String(Number(value.toPrecision(digits)));
  return text.replaceAll('-', '\u2212');
}

/** A coordinate to about a ten-thousandth of its range. */
export function coordinate(value: number, [low, high]: readonly [number, number]): string {
  const decimals = Math.max(0, Math.min(6, 4 - Math.round(Math.log10(Math.max(high - low, 1e-9)))));
  return Number.isFinite(value) ? (Number(value.toFixed(decimals)) || 0).toFixed(decimals).replaceAll('-', '\u2212') : '–';
}

/** A share of one. */
export const share = (value: number): string => (value > 0 && value < 5e-4 ? '<0.001' : value.toFixed(3));

const prefixes = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Three digits and a prefix: 12.3 M. */
export function rate(value: number): string {
  const [scale, prefix] = prefixes.find(([least]) => value >= least) ?? [1, ''];
  return `${Number((value / scale).toPrecision(3))}\u202f${prefix}`.trimEnd();
}

export const whole = (value: number): string => value.toLocaleString('en').replaceAll(',', '\u202f');

/** Round numbers across a range, about `count` of them. */
export function ticks([low, high]: readonly [number, number], count: number): number[] {
  const rough = (high - low) / Math.max(2, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** x₃, counted from 1. */
export const axisName = (axis: number): string =>
  `x${String(axis + 1).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)))}`;
