/** Drawing: x = mu + s L eps; and which component a sample of a shared batch comes from. */
import { addVectors, apply, scaleVector, type Vector } from './matrix.ts';
import type { Component } from './mixture.ts';
import { uniform } from './normals.ts';
import { purpose, randomWords, SHARED, type Words2 } from './philox.ts';

export const place = (own: Component, eps: Vector, scale: number): Vector =>
  addVectors(own.mean, scaleVector(scale, apply(own.factor, eps)));

export type ProposalName = 'mixture' | 'flat' | 'stratified' | 'component';

/** Rows that come from one component, and how far apart they are. */
const TOGETHER = 8;
const APART = 256;

/**
 * The number in (0, 1) that chooses the component of a sample: of the samples' families one after the other, multiples of the golden
 * section from a start that is drawn. `together`: eight rows are a family; else each is one.
 */
export function choiceNumber(sample: number, together: boolean, round: number, seed: Words2): number {
  const family = together ? Math.floor(sample / (TOGETHER * APART)) * APART + (sample % APART) : sample;
  const [start] = randomWords(0, purpose.choice, 0, SHARED, round, seed);
  return uniform((start + Math.imul(0x9e3779b9, family)) >>> 0);
}

/** Where one component's share of (0, 1) ends and the next begins. */
export function shares(mixture: readonly Component[], proposal: ProposalName): Vector {
  let end = 0;
  return mixture.map((own) => {
    end += proposal === 'mixture' ? Math.exp(own.logWeight) : 1 / mixture.length;
    return end;
  });
}

/** Stratified: each component in turn. Component: as many of each as `draws` says, one component after the other. */
export function choose(mixture: readonly Component[], proposal: ProposalName, sample: number, u: number, draws: Vector): number {
  if (proposal === 'stratified') return sample % mixture.length;
  if (proposal === 'component') return draws.flatMap((count, k) => new Array<number>(count).fill(k))[sample];
  const k = shares(mixture, proposal).findIndex((end) => u < end);
  return k < 0 ? mixture.length - 1 : k;
}
