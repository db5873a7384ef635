/** Small plots as SVG text: axes with round ticks, lines, bars, points and ellipses. Colours are the page's (`--axis`, `--a` ...). */

export interface Axis {
  label: string;
  /** Data at its two ends. */
  from: number;
  to: number;
  log?: boolean;
}

export interface Frame {
  title: string;
  /** For people who cannot see it. */
  description: string;
  x: Axis;
  y: Axis;
  width?: number;
  height?: number;
}

const MARGIN = { left: 62, right: 12, top: 28, bottom: 40 };

/** The plot's marks are given as a function of the two maps from data to pixels. */
export function plot(frame: Frame, marks: (x: (value: number) => number, y: (value: number) => number) => string): string {
  const { width = 420, height = 260, title, description } = frame;
  const x = scale(frame.x, MARGIN.left, width - MARGIN.right);
  const y = scale(frame.y, height - MARGIN.bottom, MARGIN.top);
  const bottom = height - MARGIN.bottom;
  const xTicks = ticks(frame.x).map(
    (value) =>
      `<line class="grid" x1="${px(x(value))}" x2="${px(x(value))}" y1="${MARGIN.top}" y2="${bottom}"/>` +
      `<text x="${px(x(value))}" y="${bottom + 15}" text-anchor="middle">${tickText(value)}</text>`,
  );
  const yTicks = ticks(frame.y).map(
    (value) =>
      `<line class="grid" y1="${px(y(value))}" y2="${px(y(value))}" x1="${MARGIN.left}" x2="${width - MARGIN.right}"/>` +
      `<text x="${MARGIN.left - 6}" y="${px(y(value) + 3.5)}" text-anchor="end">${tickText(value)}</text>`,
  );
  const middle = (MARGIN.top + bottom) / 2;
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(`${title}: ${description}`)}">` +
    `<title>${escapeText(description)}</title>` +
    `<text class="title" x="${MARGIN.left}" y="16">${escapeText(title)}</text>` +
    xTicks.join('') +
    yTicks.join('') +
    `<text x="${(MARGIN.left + width - MARGIN.right) / 2}" y="${height - 6}" text-anchor="middle">${escapeText(frame.x.label)}</text>` +
    `<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(frame.y.label)}</text>` +
    `<svg x="${MARGIN.left}" y="${MARGIN.top}" width="${width - MARGIN.left - MARGIN.right}" height="${bottom - MARGIN.top}" ` +
    `viewBox="${MARGIN.left} ${MARGIN.top} ${width - MARGIN.left - MARGIN.right} ${bottom - MARGIN.top}">${marks(x, y)}</svg></svg>`
  );
}

/** A broken line through points; what is not finite breaks it. */
export function line(points: readonly (readonly [number, number])[], colour: string): string {
  let path = '';
  let pen = false;
  for (const [x, y] of points) {
    const drawn = Number.isFinite(x) && Number.isFinite(y);
    if (drawn) path += `${pen ? 'L' : 'M'}${px(x)} ${px(y)}`;
    pen = drawn;
  }
  return `<path d="${path}" fill="none" stroke="var(--${colour})" stroke-width="1.5"/>`;
}

export const circle = (x: number, y: number, radius: number, colour: string, hint?: string): string =>
  `<circle cx="${px(x)}" cy="${px(y)}" r="${px(radius)}" fill="var(--${colour})">${hint === undefined ? '' : `<title>${escapeText(hint)}</title>`}</circle>`;

export const bar = (x: number, y: number, width: number, height: number, colour: string, hint: string): string =>
  `<rect x="${px(x)}" y="${px(y)}" width="${px(Math.max(width, 0.5))}" height="${px(Math.max(height, 0))}" fill="var(--${colour})"><title>${escapeText(hint)}</title></rect>`;

/** One standard deviation of a Gaussian, `sx`, `sy` being pixels a unit. */
export function ellipse(
  centre: readonly [number, number],
  [xx, xy, yy]: readonly [number, number, number],
  [sx, sy]: readonly [number, number],
  colour: string,
): string {
  const [a, b, c] = [xx * sx * sx, xy * sx * sy, yy * sy * sy];
  const middle = (a + c) / 2;
  const spread = Math.hypot((a - c) / 2, b);
  const [long, short] = [Math.sqrt(Math.max(middle + spread, 0)), Math.sqrt(Math.max(middle - spread, 0))];
  const angle = (Math.atan2(2 * b, a - c) * 90) / Math.PI;
  if (![...centre, long, short, angle].every(Number.isFinite)) return '';
  return (
    `<ellipse rx="${px(long)}" ry="${px(short)}" transform="translate(${px(centre[0])} ${px(centre[1])}) rotate(${px(angle)})" ` +
    `fill="none" stroke="var(--${colour})"/>`
  );
}

function scale({ from, to, log }: Axis, start: number, end: number): (value: number) => number {
  const map = log ? Math.log : (value: number) => value;
  const width = map(to) - map(from);
  return (value) => start + ((map(value) - map(from)) / (width || 1)) * (end - start);
}

/** Some five round numbers; of a logarithmic axis powers of ten. */
export function ticks({ from, to, log }: Axis): number[] {
  if (log) {
    const [low, high] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
    const every = Math.max(1, Math.ceil((high - low) / 6));
    return Array.from({ length: Math.max(0, Math.floor((high - low) / every) + 1) }, (_, i) => 10 ** (low + i * every));
  }
  const rough = (to - from) / 5;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

const tickText = (value: number): string =>
  value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)
    ? value.toExponential().replace('e+', 'e')
    : String(Number(value.toPrecision(6)));

const px = (value: number): string => String(Math.round(100 * value) / 100);

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeText = (text: string): string => text.replace(/[&<>"]/g, (letter) => named[letter]!);
