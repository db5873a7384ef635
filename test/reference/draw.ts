/** Drawing: x = mu + s L eps; and which component a sample of a shared batch comes from. */
import { addVectors, apply, scaleVector, type Vector } from './matrix.ts';
import type { Component } from './mixture.ts';
import { uniform } from './normals.ts';
import { purpose, randomWords, SHARED, type Words2 } from './philox.ts';

export const place = (own: Component, eps: Vector, scale: number): Vector =>
  addVectors(own.mean, scaleVector(scale, apply(own.factor, eps)));

export type ProposalName = 'mixture' | 'flat' | 'stratified';

/** The number in (0, 1) that chooses the component. */
export const choiceNumber = (sample: number, round: number, seed: Words2): number =>
  uniform(randomWords(0, purpose.choice, sample, SHARED, round, seed)[0]);

/** Where one component's share of (0, 1) ends and the next begins. */
export function shares(mixture: readonly Component[], proposal: ProposalName): Vector {
  let end = 0;
  return mixture.map((own) => {
    end += proposal === 'mixture' ? Math.exp(own.logWeight) : 1 / mixture.length;
    return end;
  });
}

/** Stratified: each component in turn. */
export function choose(mixture: readonly Component[], proposal: ProposalName, sample: number, u: number): number {
  if (proposal === 'stratified') return sample % mixture.length;
  const k = shares(mixture, proposal).findIndex((end) => u < end);
  return k < 0 ? mixture.length - 1 : k;
}
