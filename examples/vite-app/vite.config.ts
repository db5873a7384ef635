import { defineConfig } from 'vite';

export default defineConfig({
  // The package finds its worker beside its own files, which pre-bundling would move.
  optimizeDeps: { exclude: ['modescape'] },
  build: { target: 'es2022' },
  worker: { format: 'es' },
  // Only because package.json links the package from outside this folder.
  server: { fs: { allow: ['../..'] } },
});
