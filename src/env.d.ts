/// <reference types="vite/client" />

/** The package's version, written in by the build (vite.config.ts, scripts/run.mjs). */
declare const __VERSION__: string;
