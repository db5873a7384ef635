/** Exploration of Gaussian-mixture Kalman inversion (formulas/kalman.md 3.1.2): rho^(1-h) around each component. */
import { add, addVectors, apply, dot, identity, type Matrix, outer, scale, scaleVector, sum, type Vector } from './matrix.ts';
import { type Component, logDensity } from './mixture.ts';

export interface WeightedNode {
  z: Vector;
  weight: number;
}

/** Where a node lies: `matched` ones are spread as N(m, C/(1-h)). */
export const placeNode = ({ mean, factor }: Component, { z }: WeightedNode, h: number, matched: boolean): Vector =>
  addVectors(mean, scaleVector(matched ? 1 / Math.sqrt(1 - h) : 1, apply(factor, z)));

/** log of what a node counts: of (w_k N_k / rho)^h, or of w_k rho^-h. */
export function nodeLog(mixture: readonly Component[], k: number, node: WeightedNode, h: number, matched: boolean): number {
  const own = mixture[k];
  const density = logDensity(mixture, placeNode(own, node, h, matched));
  if (!matched) return own.logWeight - h * density + Math.log(node.weight);
  const height = own.logWeight + own.logNormaliser - (0.5 * dot(node.z, node.z)) / (1 - h);
  return h * (height - density) + Math.log(node.weight);
}

/** log of the sum, and averages under the weights: E z and E z z^T. */
export function nodeMoments(nodes: readonly WeightedNode[], logs: Vector): { share: number; first: Vector; second: Matrix } {
  const top = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - top));
  const total = sum(weights);
  return {
    share: top + Math.log(total),
    first: nodes.map(({ z }, j) => scaleVector(weights[j] / total, z)).reduce(addVectors),
    second: nodes.map(({ z }, j) => scale(weights[j] / total, outer(z, z))).reduce(add),
  };
}

export interface Explored {
  logWeight: number;
  g: Vector;
  /** What the matching step takes: the second moment about the old mean, less I. */
  G: Matrix;
}

export function explored(own: Component, rule: 'matched' | 'sigma' | 'none', moments: ReturnType<typeof nodeMoments>, h: number): Explored {
  const dim = own.mean.length;
  // (1-h) log w + (h/2) log det C, but for a constant common to all components.
  const widened = (1 - h) * own.logWeight - h * own.logNormaliser;
  if (rule === 'none') return { logWeight: widened, g: own.mean.map(() => 0), G: scale(0, identity(dim)) };
  const minusUnit = scale(-1, identity(dim));
  if (rule === 'sigma') return { logWeight: moments.share, g: moments.first, G: minusUnit };
  return {
    logWeight: widened + moments.share,
    g: scaleVector(1 / Math.sqrt(1 - h), moments.first),
    G: add(scale(1 / (1 - h), moments.second), minusUnit),
  };
}
