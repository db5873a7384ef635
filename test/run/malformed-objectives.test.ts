/** Objectives that are wrong in any way: an error of the library's own kinds, at the user's own line where it is their text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSolver, LimitError, minimize, nva, ObjectiveError, OptionError, type SearchOptions, ShaderError } from '../../src/index.ts';
import { getDevice } from '../harness/device.ts';

const RUNS = { numRuns: 50, seed: 20261122 };
const box: [number, number][] = [
  [-1, 1],
  [-1, 1],
];
const method = nva({ estimator: 'score', covariance: 'diagonal' });
const typed = [ShaderError, OptionError, ObjectiveError, LimitError];

const lines = [
  'const weight: f32 = 2.0;',
  'fn helper(a: f32, b: f32) -> f32 {',
  '  return weight * a * a + b * b;',
  '}',
  'fn objective(x: Point) -> f32 {',
  '  var sum = 0.0;',
  '  for (var i = 0u; i < DIM; i++) { sum += helper(x[i], 0.5); }',
  '  return sum;',
  '}',
];

async function errorOf(options: Partial<SearchOptions> | Record<string, unknown>): Promise<unknown> {
  const device = await getDevice();
  return minimize({ device, box, method, components: 2, samples: 8, waves: 1, iterations: 2, ...options } as SearchOptions).then(
    () => undefined,
    (error: unknown) => error,
  );
}

function expectTyped(error: unknown): asserts error is Error {
  expect(
    typed.some((kind) => error instanceof kind),
    String(error),
  ).toBe(true);
  expect((error as Error).message.length).toBeGreaterThan(10);
}

/** Mistakes that no compiler takes, each put into line `at`. */
const mistakes: Record<string, (text: string[], at: number) => string[]> = {
  'a name that is not there': (text) => text.map((line) => line.replace('helper(x', 'hleper(x')),
  'a token out of place': (text, at) => text.map((line, l) => (l === at ? `${line} ) ( @` : line)),
  'a line lost': (text, at) => text.filter((_, l) => l !== (at % 2 === 0 ? 3 : 1)),
  'a brace lost': (text, at) => text.map((line, l) => (l === (at < 4 ? 3 : 8) ? line.replace('}', '') : line)),
  'a semicolon lost': (text, at) => text.map((line, l) => (l === [0, 2, 5, 7][at % 4] ? line.replace(';', ' ') : line)),
  'an integer for a float': (text) => text.map((line) => line.replace('var sum = 0.0', 'var sum = 0u')),
  'an argument too many': (text) => text.map((line) => line.replace('0.5)', '0.5, 1.0)')),
  'an index that is a float': (text) => text.map((line) => line.replace('x[i]', 'x[1.5]')),
  'another result': (text) => text.map((line) => line.replace('(x: Point) -> f32', '(x: Point) -> vec2f')),
  'another argument': (text) => text.map((line) => line.replace('(x: Point)', '(x: mat2x2f)')),
  'no result': (text) => text.map((line) => line.replace('return sum', 'sum += 1.0')),
  'no such function': (text) => text.map((line) => line.replace('fn objective', 'fn energy')),
  'a comment without an end': (text, at) => text.map((line, l) => (l === at ? `/* ${line}` : line)),
  'defined twice': (text) => [...text, ...text],
  "the library's own names": (text) => ['fn ms_draw(a: f32) -> f32 { return a; }', ...text],
  'an attribute of nothing': (text, at) => text.map((line, l) => (l === at ? `@compute ${line}` : line)),
  'a number of no kind': (text) => text.map((line) => line.replace('2.0', '2.0.0')),
  'characters of no language': (text, at) => text.map((line, l) => (l === at ? `\u00a7${line}` : line)),
};

describe('fifty of each kind', () => {
  it('WGSL', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(mistakes)), fc.nat(lines.length - 1), async (name, at) => {
        seen.add(name);
        const text = mistakes[name]!(lines, at).join('\n');
        const error = await errorOf({ wgsl: text, file: 'mine.wgsl' });
        expectTyped(error);
        expect(error, name).toBeInstanceOf(ShaderError);
        const { file, line } = error as ShaderError;
        expect(file, `${name}: ${error.message}`).toBe('mine.wgsl');
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(text.split('\n').length + 1);
      }),
      RUNS,
    );
    expect(seen.size).toBeGreaterThan(12);
  });

  it('any text at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.lorem(), fc.string({ unit: 'binary' })), async (wgsl) => {
        expectTyped(await errorOf({ wgsl }));
      }),
      RUNS,
    );
  });

  it('functions of the host', async () => {
    const nonsense = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, 7, 'text', {}, [], true),
      fc.array(fc.double(), { maxLength: 3 }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).map((value) => ({ value })),
    );
    await fc.assert(
      fc.asyncProperty(nonsense, async (given) => {
        const every = typeof given === 'object' && given !== null && 'value' in given ? (given as { value: number }).value : undefined;
        const host = (_: Float64Array, count: number) =>
          (every === undefined ? given : new Float64Array(count).fill(every)) as Float64Array;
        expect(await errorOf({ host })).toBeInstanceOf(ObjectiveError);
      }),
      RUNS,
    );
  });

  it('targets', async () => {
    const wgsl = lines.join('\n');
    const bound = fc.oneof(fc.double(), fc.constantFrom<unknown>(undefined, null, 'a', Number.NaN, Number.POSITIVE_INFINITY));
    const bad = fc.oneof(
      fc
        .tuple(bound, bound)
        .filter(([a, b]) => !(Number.isFinite(a) && Number.isFinite(b) && (a as number) < (b as number)))
        .map((pair) => ({ wgsl, box: [pair, [-1, 1]] })),
      fc
        .oneof(
          fc.integer({ max: 0 }),
          fc.integer({ min: 513 }),
          fc.double().filter((dim) => !Number.isInteger(dim)),
        )
        .map((dim) => ({ wgsl, box: [-1, 1], dim })),
      fc
        .string()
        .filter((boundary) => !['none', 'penalise', 'reflect', 'clamp', 'smooth'].includes(boundary))
        .map((boundary) => ({ wgsl, boundary })),
      fc.constantFrom({ wgsl, host: () => [0] }, { wgsl, buffers: {} }, { buffers: {} }, { buffers: { encode() {}, async run() {} } }, {}),
      fc.double({ min: -1e3, max: 1e3 }).map((bad) => ({ wgsl, data: { table: Float32Array.of(bad, Number.NaN) } })),
      fc
        .string({ minLength: 1 })
        .filter((name) => !/^[A-Za-z_]\w*$/.test(name))
        .map((name) => ({ wgsl, data: { [name]: new Float32Array(2) } })),
    );
    await fc.assert(
      fc.asyncProperty(bad, async (target) => {
        expectTyped(await errorOf(target as Record<string, unknown>));
      }),
      RUNS,
    );
  });
});

it('the device is as good as before', async () => {
  const solver = await createSolver({ wgsl: lines.join('\n'), box }, method, { device: await getDevice(), components: 2, samples: 8 });
  expect((await solver.step(2)).iteration).toBe(2);
  solver.dispose();
});
