// A search in headless Chrome. Run: node examples/headless-chrome.mjs   (needs: npm install modescape puppeteer)
// CHROME_ARGS adds flags, such as --use-webgpu-adapter=swiftshader where there is no GPU.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer';

// The package's files on localhost: WebGPU is for secure contexts only.
const dist = new URL('.', import.meta.resolve('modescape'));
const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname.slice(1);
  try {
    const body = path === '' ? '<!doctype html><link rel="icon" href="data:,">' : await readFile(fileURLToPath(new URL(path, dist)));
    response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html').end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const browser = await puppeteer.launch({
  headless: 'shell',
  args: ['--enable-unsafe-webgpu', ...(process.env.CHROME_ARGS?.split(' ') ?? [])],
  ...(process.env.PUPPETEER_EXECUTABLE_PATH ? { executablePath: process.env.PUPPETEER_EXECUTABLE_PATH } : {}),
});
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const { modes, message } = await page.evaluate(async () => {
    const { maximize } = await import('/index.js');
    return maximize({
      wgsl: 'fn objective(x: Point) -> f32 { return sin(x[0]) * cos(x[1]); }',
      box: [
        [0, 6],
        [-2, 4],
      ],
    });
  });
  console.log(message);
  for (const { x, value } of modes) console.log(x.map((coordinate) => coordinate.toFixed(4)).join(' '), value.toFixed(4));
} finally {
  await browser.close();
  server.close();
}
