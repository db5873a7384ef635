/** Starting the worker: in a file of its own, since the build writes the published file's name in (vite.config.ts). */
export const startWorker = (): Worker => new Worker(new URL('./script.ts', import.meta.url), { type: 'module' });
