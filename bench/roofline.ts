// npm run bench:roofline [-- --shape d,K,n]
// Bytes and flops of one iteration per particle, counted and not measured: by method and kernel, beside the formulas of the design.
import { badUsage, readArguments } from './arguments.ts';
import { designBytes, iterationBytes, iterationFlops, momentsVariant, totalBytes } from './iteration-bytes.ts';
import { methods, parseShape, type Shape, shapes } from './iteration-shapes.ts';
import { markdownTable, short } from './markdown.ts';

const wanted = readArguments(['shape']);
const read = wanted.shape === undefined ? undefined : parseShape(wanted.shape);
if (typeof read === 'string') badUsage(`--shape is "${wanted.shape}"; ${read}`);
const chosen: readonly Shape[] = read ? [read] : shapes;

const rows = chosen.flatMap((shape) =>
  methods.map((method) => {
    const kernels = iterationBytes(method, shape);
    const total = totalBytes(kernels);
    const flops = iterationFlops(method, shape);
    const each = kernels.map((bytes) => `${bytes.kernel} ${short(bytes.read)} / ${short(bytes.written)}`).join(', ');
    const cells = [shape.d, shape.k, shape.n].map(String);
    const variant = momentsVariant(method, shape);
    return [
      ...cells,
      method,
      variant,
      short(flops),
      short(total.read),
      short(total.written),
      short(flops / (total.read + total.written)),
      each,
    ];
  }),
);
const header = ['d', 'K', 'n', 'method', 'moments', 'flops', 'bytes read', 'bytes written', 'flops / byte', 'read / written by kernel'];
console.log(markdownTable(header, rows));

console.log('\nBytes per particle by the formulas for own samples and the score estimator:\n');
const formulas = chosen.map((shape) => {
  const { apart, together, fused } = designBytes(shape);
  return [...[shape.d, shape.k, shape.n].map(String), short(apart), short(together), short(fused)];
});
console.log(markdownTable(['d', 'K', 'n', 'five kernels', 'three kernels', 'moments in registers'], formulas));
