// An objective made of TypeGPU functions. Run: node examples/typegpu.mjs   (needs: npm install modescape webgpu typegpu)
//
// TypeGPU resolves a function with all that it uses to WGSL, which is all that the search wants. (Functions marked 'use gpu' do
// the same through its build plugin.)
import { closeDevices, minimize } from 'modescape';
import { openGpu } from 'modescape/node';
import tgpu, { d } from 'typegpu';

const square = tgpu.fn([d.f32], d.f32)`(a) { return a * a; }`.$name('square');
const objective = tgpu.fn([d.arrayOf(d.f32, 2)], d.f32)`(x) {
  return square(x[0] * x[0] + x[1] - 11.0) + square(x[0] + x[1] * x[1] - 7.0);
}`
  .$name('objective')
  .$uses({ square });

const wgsl = tgpu.resolve([objective], { names: 'strict' });
const { gpu } = await openGpu();
const { modes } = await minimize({ gpu, wgsl, file: 'typegpu.wgsl', box: [-6, 6], dim: 2 });
for (const { x } of modes) console.log(x.map((coordinate) => coordinate.toFixed(4)).join(' '));
await closeDevices();
