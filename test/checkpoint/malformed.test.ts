/** Whatever is wrong with a checkpoint is told by a CheckpointError, and nothing of it is loaded. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheckpointError, type CheckpointFault, type Solver } from '../../src/index.ts';
import { checkpointToJson, decodeCheckpoint, encodeCheckpoint } from '../../src/run/checkpoint-file.ts';
import { bitsOf, makeSolver, solverCases } from './solver-runs.ts';

const RUNS = { numRuns: 50, seed: 20261121 };

let solver: Solver;
let sound: Uint8Array;
let json: string;
let state: string;

beforeAll(async () => {
  solver = await makeSolver(solverCases['NVA (Stein)']!);
  await solver.step(4);
  sound = await solver.save();
  json = await solver.save('json');
  await solver.step(3);
  state = await bitsOf(solver);
});
afterAll(() => solver.dispose());

/** The error of restoring it; the solver stays as it was. */
async function faultOf(bad: Uint8Array | string): Promise<CheckpointFault> {
  const error = await solver.restore(bad).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  expect((error as Error).message.length).toBeGreaterThan(20);
  return (error as CheckpointError).fault;
}

const changed = (change: (bytes: Uint8Array) => void): Uint8Array => {
  const bytes = sound.slice();
  change(bytes);
  return bytes;
};

const meansTheSame = (text: string): boolean => {
  try {
    return Buffer.compare(encodeCheckpoint(decodeCheckpoint(text)), sound) === 0;
  } catch {
    return false;
  }
};

/** With a true checksum, so that what lies behind it is looked at. */
const resealed = (change: (checkpoint: ReturnType<typeof decodeCheckpoint>) => void): Uint8Array => {
  const checkpoint = decodeCheckpoint(sound);
  change(checkpoint);
  return encodeCheckpoint(checkpoint);
};

describe('fifty of each kind', () => {
  it('cut short', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: sound.length - 1 }), async (length) => {
        expect(await faultOf(sound.subarray(0, length))).toBe(length === 0 ? 'foreign' : 'truncated');
      }),
      RUNS,
    );
  });

  it('a few bits turned', async () => {
    const flips = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(7)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(flips, async (places) => {
        const bytes = changed((all) => {
          for (const [at, bit] of places) all[at]! ^= 1 << bit;
        });
        if (Buffer.compare(bytes, sound) !== 0) expect(['corrupted', 'foreign', 'newer', 'truncated']).toContain(await faultOf(bytes));
      }),
      RUNS,
    );
  });

  it('of anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.json()), async (bytes) => {
        expect(await faultOf(bytes)).toBe('foreign');
      }),
      RUNS,
    );
  });

  it('of a later format', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 0xffffffff }), async (version) => {
        const bytes = changed((all) => new DataView(all.buffer).setUint32(8, version, true));
        expect(await faultOf(bytes)).toBe('newer');
        expect(await faultOf(JSON.stringify({ ...JSON.parse(json), version }))).toBe('newer');
      }),
      RUNS,
    );
  });

  it('JSON cut short or changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 12, max: json.length - 1 }), fc.constantFrom('cut', 'digit'), async (at, how) => {
        const digit = json.slice(at).search(/\d/) + at;
        const other = `${json.slice(0, digit)}${(Number(json[digit]) + 1) % 10}${json.slice(digit + 1)}`;
        const bad = how === 'cut' || digit < at ? json.slice(0, at) : other;
        // The last digit of a number, or of the base64, may say nothing.
        if (bad === other && meansTheSame(other)) return;
        expect(['truncated', 'corrupted', 'newer', 'foreign']).toContain(await faultOf(bad));
      }),
      RUNS,
    );
  });

  it('sealed again, but without a part or with a part of another kind', async () => {
    const paths = [
      ['kind'],
      ['version'],
      ['identity'],
      ['adapter'],
      ['iteration'],
      ['seconds'],
      ['state'],
      ['state', 'trace'],
      ['state', 'before'],
      ['state', 'buffers'],
      ['state', 'buffers', 'ms_control'],
      ['state', 'buffers', 'ms_components'],
      ['state', 'buffers', 'ms_params'],
      ['state', 'buffers', 'ms_unheard_of'],
    ];
    const parts = fc.constantFrom(undefined, 'text', -1, { a: 1 }, [] as number[], new Float32Array(5), new Uint32Array(100_000));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), parts, async (path, part) => {
        const bytes = resealed((checkpoint) => {
          let inner = checkpoint as unknown as Record<string, unknown>;
          for (const name of path.slice(0, -1)) inner = inner[name] as Record<string, unknown>;
          const name = path.at(-1)!;
          if (name === 'version') inner[name] = part === 'text' ? '99.0.0' : part;
          else if (name === 'iteration' || name === 'seconds') inner[name] = 'text';
          else if (name === 'adapter') inner[name] = [];
          else if (name === 'before') inner[name] = part === undefined ? 0.5 : part;
          else if (name === 'ms_unheard_of') inner[name] = new Uint32Array(1);
          else inner[name] = part;
        });
        expect(['corrupted', 'other run']).toContain(await faultOf(bytes));
      }),
      RUNS,
    );
  });
});

it('the solver was never touched, and the sound one still restores', async () => {
  expect((await bitsOf(solver)) === state).toBe(true);
  await solver.restore(checkpointToJson(sound));
  await solver.step(3);
  expect((await bitsOf(solver)) === state).toBe(true);
});
