// A search in Node. Run: node examples/node.mjs   (needs: npm install modescape webgpu)
import { closeDevices, minimize, sample, toCsv, toNpy } from 'modescape';
import { openGpu } from 'modescape/node';

const { gpu } = await openGpu(); // MODESCAPE_ADAPTER=auto|hardware|software

const { modes, adapter } = await minimize({
  gpu,
  wgsl: `
    fn objective(x: Point) -> f32 {
      let a = x[0] * x[0] + x[1] - 11.0;
      let b = x[0] + x[1] * x[1] - 7.0;
      return a * a + b * b;
    }`,
  box: [
    [-6, 6],
    [-6, 6],
  ],
});
console.log(`on ${adapter.description || adapter.architecture}`);
for (const { x, value } of modes) console.log(x.map((coordinate) => coordinate.toFixed(4)).join(' '), value.toExponential(1));

// A log density, two bumps apart; draws for other tools.
const posterior = await sample({
  gpu,
  wgsl: `
    fn objective(x: Point) -> f32 {
      let left = -0.5 * (x[0] + 2.0) * (x[0] + 2.0);
      let right = -0.5 * (x[0] - 2.0) * (x[0] - 2.0);
      return log(exp(left) + 3.0 * exp(right));
    }`,
  box: [[-5, 5]],
  iterations: 40,
  draws: 200,
});
console.log(`log evidence ${posterior.logEvidence.value.toFixed(2)}, exactly ${Math.log(4 * Math.sqrt(2 * Math.PI)).toFixed(2)}`);
console.log(toCsv(posterior, { table: 'draws' }).split('\n').slice(0, 5).join('\n'));
console.log(`${toNpy(posterior.draws).length} bytes of npy`);

await closeDevices(); // so that the process can end
