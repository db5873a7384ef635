/** Texts that a plain search needs none of, in groups that are loaded when a kernel asks for one of them. */
import type { Module } from '../gpu/wgsl.ts';

const from =
  <Name extends string>(load: () => Promise<Record<Name, string>>) =>
  (name: Name): Module =>
  async () =>
    (await load())[name];

export const batch = from(() => import('./texts/batch.ts'));
export const blocks = from(() => import('./texts/blocks.ts'));
export const beyond = from(() => import('./texts/boundaries.ts'));
export const diagonal = from(() => import('./texts/diagonal.ts'));
export const hessian = from(() => import('./texts/hessian.ts'));
export const stepSizes = from(() => import('./texts/step-sizes.ts'));
export const given = from(() => import('./texts/given.ts'));
export const quads = from(() => import('./texts/quads.ts'));
export const weighing = from(() => import('./texts/weighing.ts'));

/** Own samples whose density comes from a kernel of its own. */
export const placed: Module = async () => (await import('../../shaders/lib/sample_placed.wgsl?raw')).default;

/** The boundary of densities. */
export const bounded: Module = async () => (await import('../../shaders/lib/boundary_bounded.wgsl?raw')).default;

/** Two samples an invocation, for many dimensions. */
export const group2: Module = async () => (await import('../../shaders/lib/group_2.wgsl?raw')).default;

/** Factors that neighbouring invocations read for each other. */
export const quadFactor =
  (dim: number): Module =>
  async () =>
    (await import('./factor-quads.ts')).quadFactor(dim);
