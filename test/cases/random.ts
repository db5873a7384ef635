/** Philox and the normals made of it, against exact integers and float64. */
import fc from 'fast-check';
import { compose } from '../../src/gpu/wgsl.ts';
import { shared } from '../../src/kernels/compose.ts';
import { LANES } from '../../src/kernels/state.ts';
import { normalPair, uniform } from '../reference/normals.ts';
import { knownAnswers, philox, type Words2, type Words4 } from '../reference/philox.ts';
import { forAll, onBench } from './kernel-run.ts';
import { Content } from './kernels-content.ts';
import { EPSILON, expectSame, expectVector, logError } from './kernels-tolerance.ts';

const COUNT = 333;

/** The library's generator at given counters and keys: six words in, four words and their four normals out. */
const kernel = compose({
  label: 'random',
  constants: { DIM: 1 },
  bindings: [
    { name: 'inputs', kind: 'read', type: 'array<u32>' },
    { name: 'words', kind: 'write', type: 'array<vec4u>' },
    { name: 'normals', kind: 'write', type: 'array<vec4f>' },
  ],
  modules: [
    ...Object.values(shared),
    `@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&words)) { return; }
  let at = 6u * id.x;
  let bits = ms_philox(
    vec4u(inputs[at], inputs[at + 1u], inputs[at + 2u], inputs[at + 3u]), vec2u(inputs[at + 4u], inputs[at + 5u]),
  );
  words[id.x] = bits;
  normals[id.x] = ms_normals(bits);
}`,
  ],
});

async function run(device: GPUDevice, inputs: readonly (readonly [Words4, Words2])[]) {
  return onBench(device, async (bench) => {
    bench.put({ inputs: Uint32Array.from(inputs.flat(2)), words: 4 * inputs.length, normals: 4 * inputs.length });
    await bench.dispatch(kernel, Math.ceil(inputs.length / LANES));
    const [words, normals] = await bench.bytes('words', 'normals');
    return { words: new Uint32Array(words), normals: new Float32Array(normals) };
  });
}

/**
 * radius = sqrt(-2 log u): an error e of the log becomes at most sqrt(2 e), and e / radius away from 0; the root itself is off by
 * 6 units (WGSL: 1 / inverseSqrt). Cosine and sine: Taylor remainder 2.5e-8 at an eighth of a turn and about six roundings.
 */
export function normalBound(word: number): number {
  const logarithm = Math.log(uniform(word));
  const error = 2 * logError(logarithm);
  const radius = Math.sqrt(-2 * logarithm);
  return Math.min(Math.sqrt(error), error / radius) + radius * (6 * EPSILON + 2.5e-8 + 6 * EPSILON);
}

function check(inputs: readonly (readonly [Words4, Words2])[], words: Uint32Array, normals: Float32Array): void {
  inputs.forEach(([counter, key], i) => {
    const want = philox(counter, key);
    expectSame(`words of counter ${counter} and key ${key}`, words.subarray(4 * i, 4 * i + 4), want);
    for (const j of [0, 2]) {
      const pair = normalPair(want[j], want[j + 1]);
      const allowed = normalBound(want[j]);
      expectVector(`normals of counter ${counter} and key ${key}`, normals.subarray(4 * i + j, 4 * i + j + 2), pair, allowed);
    }
  });
}

export const cases = {
  'Philox gives the published answers': async (device: GPUDevice): Promise<void> => {
    const inputs = knownAnswers.map(([counter, key]) => [counter, key] as const);
    const { words, normals } = await run(device, inputs);
    expectSame(
      'answers',
      words,
      knownAnswers.flatMap(([, , answer]) => answer),
    );
    check(inputs, words, normals);
  },
  'Philox is exact and the normals are close, for any counter and key': async (device: GPUDevice): Promise<void> => {
    await forAll(6, { content: fc.nat() }, [], async ({ content }) => {
      const numbers = new Content(content);
      const word = () => numbers.word();
      const inputs = Array.from(
        { length: COUNT },
        () =>
          [
            [word(), word(), word(), word()],
            [word(), word()],
          ] as const,
      );
      const { words, normals } = await run(device, inputs as unknown as [Words4, Words2][]);
      check(inputs as unknown as [Words4, Words2][], words, normals);
    });
  },
};
