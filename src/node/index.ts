export { type AdapterChoice, type OpenedGpu, type OpenGpuOptions, openGpu } from './dawn.ts';
