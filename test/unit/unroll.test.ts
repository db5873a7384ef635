import { expect, it } from 'vitest';
import { minifyWgsl } from '../../scripts/minify-wgsl.mjs';
import { unrollDimensions } from '../../src/kernels/unroll.ts';

const flat = (text: string): string => text.replace(/\s+/g, ' ');

it('writes loops over the dimensions out, inner ones too, and leaves others alone', () => {
  const text =
    'a; for (var i = 0u; i < DIM; i++) { x[i] = 4u * i; } for (var s = 0u; s < 3u; s++) { for (var j = 0u; j < DIM; j++) { y(j, s); } } b;';
  expect(flat(unrollDimensions(text, 2))).toBe(
    'a; { x[0u] = 4u * 0u; } { x[1u] = 4u * 1u; } for (var s = 0u; s < 3u; s++) { { y(0u, s); } { y(1u, s); } } b;',
  );
});

it('nests', () => {
  const text = 'for (var i = 0u; i < DIM; i++) { for (var j = 0u; j < DIM; j++) { m(i, j); } }';
  expect(flat(unrollDimensions(text, 2))).toBe('{ { m(0u, 0u); } { m(0u, 1u); } } { { m(1u, 0u); } { m(1u, 1u); } }');
});

it('knows the loops of a build', () => {
  const text = 'for (var i = 0u; i < DIM; i++) {\n  x[i] = 1.0;\n}\n';
  expect(unrollDimensions(minifyWgsl(text), 2)).toBe('{x[0u]=1.0;}\n{x[1u]=1.0;}');
});
