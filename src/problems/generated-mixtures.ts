/**
 * Generated mixtures with full covariances, the standard targets of variational inference with mixtures (GMM20, GMM100, STM20,
 * STM300): formulas sheet `gmmvi.md` section 5.1. The paper's own instances came from another generator; these are drawn from
 * the same distribution.
 */

import { type DenseMixture, type MixtureTarget, mixtureTarget } from './dense-mixture.ts';
import { checkDimension, madeFamily } from './family.ts';
import { choleskyFactor, invertLower, packLower, type Random, randomGram, reverseCholesky, seededRandom } from './generated-content.ts';
import type { Problem, ProblemFamily } from './problem.ts';

const source = 'Arenz et al., TMLR 2023 (GMMVI), experiments; generated here from a seed';
const dimensions = { min: 1, max: 512 };

/** The seed of the registered instances. */
const defaultSeed = 1;

/** Equal weights, means uniform in [-reach, reach]^dim, one factor a component. */
function generate(dim: number, components: number, reach: number, random: Random, factor: () => Float64Array): DenseMixture {
  const means: Float64Array[] = [];
  const factors: Float64Array[] = [];
  for (let k = 0; k < components; k++) {
    means.push(Float64Array.from({ length: dim }, () => reach * (2 * random.uniform() - 1)));
    factors.push(packLower(factor(), dim));
  }
  return { means, factors, weights: new Array<number>(components).fill(1 / components) };
}

/** With the means as the known modes: every component's gradient at another's mean is far below rounding. */
function withModes(target: MixtureTarget): MixtureTarget {
  const modes = target.truth.means.map((mean) => [...mean]);
  return { ...target, known: { modes, values: target.truth.means.map(target.value), onlyGlobal: false } };
}

/** Whether the components are so far apart that the means are the modes: true of the sizes below, checked in the tests. */
const apart = (dim: number) => dim >= 20;

/**
 * `components` Gaussians of equal weight with means uniform in [-50, 50]^dim and covariances `A^T A + I`, where the entries of
 * A are normal with deviation 0.1 dim. From 20 dimensions on the means are the modes and given as such.
 */
export function gaussianTarget(dim: number, components: number, seed: number): MixtureTarget {
  checkDimension('a Gaussian target', dim, dimensions);
  const random = seededRandom(seed);
  const factor = () => invertLower(choleskyFactor(randomGram(dim, 0.1 * dim, random), dim), dim);
  const about = { name: `gmm${dim}`, title: gaussianTitle(dim, components), source };
  const target = mixtureTarget(about, generate(dim, components, 50, random, factor), cube(dim, 50));
  return apart(dim) ? withModes(target) : target;
}

/**
 * `components` multivariate Student-t densities of two degrees of freedom and equal weight, with means uniform in
 * [-reach, reach]^dim and scale matrices `(A^T A + I)^{-1}`, where the entries of A are normal with deviation 0.1 dim. `reach`
 * is 20 up to 20 dimensions and 25 above. From 20 dimensions on the means are the modes and given as such.
 */
export function studentTarget(dim: number, components: number, seed: number, reach: number = dim <= 20 ? 20 : 25): MixtureTarget {
  checkDimension('a Student-t target', dim, dimensions);
  const random = seededRandom(seed);
  const factor = () => reverseCholesky(randomGram(dim, 0.1 * dim, random), dim);
  const about = { name: `stm${dim}`, title: studentTitle(dim, components), source };
  const mixture = { ...generate(dim, components, reach, random, factor), degreesOfFreedom: 2 };
  const target = mixtureTarget(about, mixture, cube(dim, reach));
  return apart(dim) ? withModes(target) : target;
}

const cube = (dim: number, reach: number) => Array.from({ length: dim }, () => [-reach, reach] as const);
const gaussianTitle = (dim: number, components: number) => `Log density of ${components} generated Gaussians in ${dim} dimensions`;
const studentTitle = (dim: number, components: number) => `Log density of ${components} generated Student-t in ${dim} dimensions`;

const family = (
  name: string,
  title: (dim: number, components: number) => string,
  make: (dim: number, components: number, seed: number) => Problem,
  dim: number,
  components: number,
): ProblemFamily =>
  madeFamily({ name, title: title(dim, components), sense: 'maximize', dimension: dim }, () => make(dim, components, defaultSeed));

export const gmm20 = family('gmm20', gaussianTitle, gaussianTarget, 20, 10);
export const gmm100 = family('gmm100', gaussianTitle, gaussianTarget, 100, 10);
export const stm20 = family('stm20', studentTitle, studentTarget, 20, 10);
export const stm300 = family('stm300', studentTitle, studentTarget, 300, 20);
