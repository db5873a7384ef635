/** Exports, read back by parsers of their own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InversionResult, type SampleResult, type SearchResult, toArviz, toCsv, toJson, toNpy } from '../../src/index.ts';

const searchResult = {
  status: 'success',
  message: 'two modes, "quoted", and a comma',
  stopReasons: ['evaluations'],
  modes: [
    {
      x: [1, -2.5],
      value: 0.1 + 0.2,
      global: true,
      covariance: [
        [4, 1],
        [1, 9],
      ],
      weight: 0.75,
      componentWeight: 0.5,
      polished: 'f64',
      found: 3,
      foundAt: 100,
    },
    {
      x: [3, 4],
      value: Number.NaN,
      global: false,
      covariance: [
        [1, 0],
        [0, 1],
      ],
      weight: 0.25,
      componentWeight: undefined,
      polished: 'f32',
      found: 1,
      foundAt: 200,
    },
  ],
  mixture: {
    weights: [0.25, 0.75],
    means: [
      [0, 1],
      [2, 3],
    ],
    covariances: [
      [
        [1, 0.5],
        [0.5, 2],
      ],
      [
        [3, 0],
        [0, 4],
      ],
    ],
  },
  best: { x: [1, -2.5], value: 0.1 + 0.2 },
  method: 'nva',
  seed: 7,
  version: '0.0.0',
  seconds: { total: 1.5, compile: 0.5, run: 0.5, polish: 0.5 },
} as unknown as SearchResult;

const sampleResult = {
  ...searchResult,
  elbo: -1.25,
  elboStandardError: 0.01,
  logEvidence: { value: -1.2, standardError: 0.02 },
  effectiveSampleSize: 900,
  paretoK: Number.POSITIVE_INFINITY,
  unusableDraws: 1,
  weightedDraws: {
    points: [
      [1, 2],
      [3, 4],
    ],
    logWeights: [-0.5, Number.NEGATIVE_INFINITY],
    values: [-3, Number.NaN],
  },
  draws: Array.from({ length: 7 }, (_, i) => [i / 3, 1 - i]),
  drawValues: Array.from({ length: 7 }, (_, i) => (1 - i) / 7),
} as unknown as SampleResult;

const inversionResult = {
  ...searchResult,
  modelRuns: 10,
  modes: [
    { x: [1], value: -2, deviation: [0.5], covariance: [[0.25]], weight: 1, evidenceWeight: 1, misfit: 2, predictions: [1], components: 3 },
  ],
  ensemble: [[1], [2], [3]],
} as unknown as InversionResult;

/** No particles; the second component is a line. */
const plainInversion = {
  ...inversionResult,
  ensemble: undefined,
  transforms: [0, 1].map(() => ({ kind: 'none', lower: 0, width: 1 })),
  mixture: {
    weights: [0.25, 0.75],
    means: [
      [0, 1],
      [100, 3],
    ],
    covariances: [
      [
        [1, 0.5],
        [0.5, 2],
      ],
      [
        [1, 2],
        [2, 4],
      ],
    ],
  },
} as unknown as InversionResult;

/** Rows of cells, by the quoting rules of RFC 4180; `#` lines apart. */
function parseCsv(text: string): { comments: string[]; header: string[]; rows: Record<string, string>[] } {
  const lines = text.trimEnd().split('\n');
  const comments = lines.filter((line) => line.startsWith('#'));
  const [header, ...rows] = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!),
    );
  return { comments, header: header!, rows: rows.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i]!]))) };
}

/** As numpy reads it. */
function parseNpy(bytes: Uint8Array): { dtype: string; shape: number[]; values: number[] } {
  expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint16(8, true);
  expect((10 + length) % 64).toBe(0);
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, 10 + length));
  const [, dtype, shape] = /^\{'descr': '(<f[48])', 'fortran_order': False, 'shape': \(([^)]*)\), \} *\n$/.exec(header)!;
  const width = Number(dtype!.at(-1));
  const values = [];
  for (let at = 10 + length; at < bytes.length; at += width)
    values.push(width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
  const parts = shape!.split(',').map((part) => part.trim());
  if (parts.length === 2 && parts[1] === '') parts.pop();
  return { dtype: dtype!, shape: parts.map(Number), values };
}

describe('toJson', () => {
  it('gives the result back, null for what is no number, a line a field', () => {
    const text = toJson({ ...searchResult, typed: new Float32Array([1, 2]) });
    const read = JSON.parse(text);
    expect(read.modes[0]).toEqual(searchResult.modes[0]);
    expect(read.modes[1].value).toBeNull();
    expect(read.typed).toEqual([1, 2]);
    expect(text.trimEnd().split('\n')).toHaveLength(2 + Object.keys(read).length);
    expect(JSON.parse(toJson({}))).toEqual({});
  });
});

describe('toCsv', () => {
  it('lists modes', () => {
    const { header, rows } = parseCsv(toCsv(searchResult));
    expect(header).toEqual([
      'value',
      'x.1',
      'x.2',
      'sd.1',
      'sd.2',
      'global',
      'weight',
      'component_weight',
      'polished',
      'found',
      'found_at',
    ]);
    expect(Number(rows[0]!.value)).toBe(0.1 + 0.2);
    expect(rows[0]).toMatchObject({ 'x.2': '-2.5', 'sd.1': '2', 'sd.2': '3', global: 'true', polished: 'f64', found: '3' });
    expect(rows[1]).toMatchObject({ value: 'nan', component_weight: '' });
  });

  it('lists components with their covariances, column by column', () => {
    const { header, rows } = parseCsv(toCsv(searchResult, { table: 'components', names: ['a', 'b, "c"'] }));
    expect(header).toEqual([
      'weight',
      'mean.a',
      'mean.b, "c"',
      'covariance.a.a',
      'covariance.b, "c".a',
      'covariance.a.b, "c"',
      'covariance.b, "c".b, "c"',
    ]);
    expect(Object.values(rows[0]!).map(Number)).toEqual([0.25, 0, 1, 1, 0.5, 0.5, 2]);
  });

  it('lists draws as CmdStan does: comments, lp__ first', () => {
    const { comments, header, rows } = parseCsv(toCsv(sampleResult, { table: 'draws' }));
    expect(comments).toEqual(['# modescape 0.0.0', '# method = nva', '# seed = 7']);
    expect(header).toEqual(['lp__', 'x.1', 'x.2']);
    expect(rows.map((row) => [row['x.1'], row['x.2']].map(Number))).toEqual(sampleResult.draws);
    expect(rows.map((row) => Number(row.lp__))).toEqual(sampleResult.drawValues);
    const weighted = parseCsv(toCsv(sampleResult, { table: 'weightedDraws' }));
    expect(weighted.rows[1]).toEqual({ lp__: 'nan', log_weight__: '-inf', 'x.1': '3', 'x.2': '4' });
  });

  it('lists modes and ensemble of inversions', () => {
    expect(parseCsv(toCsv(inversionResult, { names: ['k'] })).rows).toEqual([
      { value: '-2', k: '1', 'sd.k': '0.5', weight: '1', evidence_weight: '1', misfit: '2', components: '3' },
    ]);
    expect(parseCsv(toCsv(inversionResult, { table: 'ensemble' })).rows.map((row) => row['x.1'])).toEqual(['1', '2', '3']);
  });

  it('says what a result has not', () => {
    expect(() => toCsv(searchResult, { table: 'draws' })).toThrow(/belongs to results of sample/);
    expect(() => toCsv({ ...sampleResult, draws: [] }, { table: 'draws' })).toThrow(/give sample\(\) draws/);
    expect(() => toCsv(searchResult, { table: 'ensemble' })).toThrow(/by particles/);
    expect(() => toCsv(searchResult, { table: 'mode' as 'modes' })).toThrow(/must be one of modes, components/);
    expect(() => toCsv(searchResult, { names: ['a'] })).toThrow(/names has 1 entries, and there are 2/);
    expect(parseCsv(toCsv({ ...searchResult, modes: [] })).header[0]).toBe('value');
  });
});

describe('toNpy', () => {
  it('holds every float64 and every shape', () => {
    const shaped = fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
      .chain((shape) => fc.tuple(fc.constant(shape), fc.array(fc.double(), { minLength: 256, maxLength: 256 })));
    fc.assert(
      fc.property(shaped, ([shape, numbers]) => {
        let at = 0;
        const nest = (depth: number): unknown =>
          depth === shape.length ? numbers[at++] : Array.from({ length: shape[depth]! }, () => nest(depth + 1));
        const array = nest(0) as number[];
        const read = parseNpy(toNpy(array));
        expect(read).toEqual({ dtype: '<f8', shape, values: numbers.slice(0, at) });
        expect(parseNpy(toNpy(array, { dtype: 'float32' })).values).toEqual(numbers.slice(0, at).map(Math.fround));
      }),
      { numRuns: 60 },
    );
  });

  it('takes typed arrays with a shape, and rows of them', () => {
    expect(parseNpy(toNpy(new Float32Array([1, 2, 3, 4, 5, 6]), { shape: [3, 2] }))).toEqual({
      dtype: '<f4',
      shape: [3, 2],
      values: [1, 2, 3, 4, 5, 6],
    });
    expect(parseNpy(toNpy([new Float64Array([1, 2]), [3, 4]])).shape).toEqual([2, 2]);
    expect(parseNpy(toNpy([]))).toEqual({ dtype: '<f8', shape: [0], values: [] });
  });

  it('refuses what is no array of numbers', () => {
    expect(() => toNpy([[1, 2], [3]])).toThrow(/ragged: array\[1\] has 1 entries, others 2/);
    expect(() => toNpy([[1], 2] as unknown as number[][])).toThrow(/ragged: array\[1\] is a number/);
    expect(() => toNpy(new Float32Array(4), { shape: [3] })).toThrow(/shape \(3\) does not hold 4/);
    expect(() => toNpy([1], { dtype: 'int8' as 'float32' })).toThrow(/dtype is "int8"/);
  });
});

describe('toArviz', () => {
  it('puts chain and draw first', () => {
    const data = JSON.parse(JSON.stringify(toArviz(sampleResult, { chains: 3, createdAt: new Date(0), observed: { y: [1, 2] } })));
    expect(data.posterior.x).toEqual([sampleResult.draws.slice(0, 2), sampleResult.draws.slice(2, 4), sampleResult.draws.slice(4, 6)]);
    expect(data.sample_stats.lp.map((chain: number[]) => chain.length)).toEqual([2, 2, 2]);
    expect(data.observed_data).toEqual({ y: [1, 2] });
    expect(data.dims).toEqual({ x: ['axis'] });
    expect(data.coords).toEqual({ axis: [0, 1] });
    expect(data.attrs).toMatchObject({ created_at: '1970-01-01T00:00:00.000Z', inference_library: 'modescape', elbo: -1.25, seed: 7 });
    expect(data.attrs).not.toHaveProperty('pareto_k');
  });

  it('takes names, and ensembles of inversions', () => {
    const { posterior, dims } = toArviz(sampleResult, { names: ['rate', 'shape'] });
    expect(posterior.shape).toEqual([sampleResult.draws.map((x) => x[1])]);
    expect(dims).toEqual({});
    const particles = toArviz(inversionResult);
    expect(particles.posterior.x).toEqual([[[1], [2], [3]]]);
    expect(particles).not.toHaveProperty('sample_stats');
  });

  it('says what is missing', () => {
    expect(() => toArviz({ ...sampleResult, draws: [] })).toThrow(/holds no draws/);
    expect(() => toArviz(sampleResult, { chains: 8 })).toThrow(/from 1 to the number of draws, 7/);
    expect(() => toArviz(sampleResult, { draws: 8 })).toThrow(/draws belongs to inversions/);
    expect(() => toArviz(sampleResult, { seed: 8 })).toThrow(/seed belongs to inversions/);
    expect(() => toArviz(plainInversion, { draws: 0.5 })).toThrow(/draws is 0\.5/);
    expect(() => toArviz(plainInversion, { seed: -1 })).toThrow(/seed is -1/);
    const empty = { weights: [], means: [], covariances: [] };
    expect(() => toArviz({ ...plainInversion, mixture: empty })).toThrow(/no mixture to draw from/);
  });

  it('draws inversions from their mixture: shares of the weight, means and covariances, and none across a direction without width', () => {
    const draws = (toArviz(plainInversion, { draws: 8000 }).posterior.x as number[][][])[0]!;
    const left = draws.filter(([x]) => x! < 50);
    const right = draws.filter(([x]) => x! >= 50);
    // Systematic: the share is exact.
    expect(left).toHaveLength(2000);
    const mean = (rows: number[][], value: (row: number[]) => number) => rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
    for (const [rows, k] of [
      [left, 0],
      [right, 1],
    ] as const) {
      const [m, s] = [plainInversion.mixture.means[k]!, plainInversion.mixture.covariances[k]!];
      for (const a of [0, 1]) {
        expect(Math.abs(mean(rows, (x) => x[a]!) - m[a]!)).toBeLessThan(5 * Math.sqrt(s[a]![a]! / rows.length));
        for (const b of [0, 1]) {
          const error = 5 * Math.sqrt((2 * s[a]![a]! * s[b]![b]!) / rows.length);
          expect(Math.abs(mean(rows, (x) => (x[a]! - m[a]!) * (x[b]! - m[b]!)) - s[a]![b]!)).toBeLessThan(error);
        }
      }
    }
    for (const [x, y] of right) expect(y! - 3).toBeCloseTo(2 * (x! - 100), 9);
  });
});
