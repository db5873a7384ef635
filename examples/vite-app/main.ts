// A Vite app, its search in a worker. Run: npm install && npm run dev, in this folder.
import { ShaderError } from 'modescape';
import { openWorker } from 'modescape/worker';
import camel from './camel.wgsl?raw';

const status = document.querySelector('[role=status]')!;
const bar = document.querySelector('progress')!;
const worker = openWorker();
try {
  const { modes, message } = await worker.minimize({
    wgsl: camel,
    file: 'camel.wgsl',
    box: [
      [-2, 2],
      [-1.2, 1.2],
    ],
    onProgress: ({ done }) => {
      bar.value = done;
    },
  });
  const body = document.querySelector('tbody')!;
  for (const { x, value, global } of modes) {
    const row = body.insertRow();
    for (const text of [...x, value].map((number) => number.toFixed(4)).concat(global ? 'yes' : '')) row.insertCell().textContent = text;
  }
  status.textContent = message;
} catch (error) {
  status.textContent = error instanceof ShaderError ? `${error.file}:${error.line}: ${error.message}` : String(error);
} finally {
  worker.dispose();
}
