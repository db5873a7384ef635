/** Quadrature under a Gaussian: what each rule integrates exactly. */
import { describe, expect, it } from 'vitest';
import { cubatureNodes, drawnNodes, equalSigmaNodes, hermiteNodes, meanNode, type Nodes, unscentedNodes } from '../../src/sampler/nodes.ts';

/** sum of weights times f */
function integrate({ rows, count }: Nodes, dim: number, f: (z: Float64Array) => number): number {
  let total = 0;
  for (let j = 0; j < count; j++) total += rows[j * (dim + 1) + dim]! * f(rows.subarray(j * (dim + 1), j * (dim + 1) + dim));
  return total;
}

/** E z^n under N(0, 1): (n - 1)!! for even n. */
const moment = (n: number): number => (n % 2 === 1 ? 0 : n <= 0 ? 1 : (n - 1) * moment(n - 2));

/** Largest error in E prod z_i^n_i over all powers of that total degree, relative to E of its absolute value. */
function errorOfDegree(nodes: Nodes, dim: number, degree: number): number {
  const powers = (axes: number, left: number): number[][] =>
    axes === 1 ? [[left]] : Array.from({ length: left + 1 }, (_, n) => powers(axes - 1, left - n).map((rest) => [n, ...rest])).flat();
  return Math.max(
    ...powers(dim, degree).map((each) => {
      const got = integrate(nodes, dim, (z) => each.reduce((product, n, i) => product * z[i]! ** n, 1));
      const size = integrate(nodes, dim, (z) => each.reduce((product, n, i) => product * Math.abs(z[i]!) ** n, 1));
      const want = each.reduce((product, n) => product * moment(n), 1);
      return Math.abs(got - want) / Math.max(Math.abs(size), want, 1);
    }),
  );
}

describe('drawn nodes', () => {
  it.each([
    [1, 2],
    [1, 500],
    [3, 40],
    [17, 18],
    [17, 510],
    [40, 1200],
  ])('whitened: mean 0 and covariance I, d = %i, %i nodes', (dim, count) => {
    const nodes = drawnNodes(dim, count, 3, true);
    expect(nodes.count).toBe(count);
    for (let a = 0; a < dim; a++) {
      expect(Math.abs(integrate(nodes, dim, (z) => z[a]!))).toBeLessThan(1e-12);
      for (let b = 0; b <= a; b++) expect(Math.abs(integrate(nodes, dim, (z) => z[a]! * z[b]!) - (a === b ? 1 : 0))).toBeLessThan(1e-12);
    }
  });

  it('plain ones are standard normal, of equal weight, and follow from the seed', () => {
    const nodes = drawnNodes(2, 20000, 7, false);
    expect(integrate(nodes, 2, () => 1)).toBeCloseTo(1, 12);
    // Four standard errors.
    for (const [power, variance] of [
      [1, 1],
      [2, 2],
      [3, 15],
      [4, 96],
    ] as const) {
      for (const axis of [0, 1]) {
        expect(Math.abs(integrate(nodes, 2, (z) => z[axis]! ** power) - moment(power))).toBeLessThan(4 * Math.sqrt(variance / 20000));
      }
    }
    expect(drawnNodes(2, 5, 7, false).rows).toEqual(nodes.rows.slice(0, 15).map((x, at) => (at % 3 === 2 ? 0.2 : x)));
    expect(drawnNodes(2, 5, 8, false).rows).not.toEqual(drawnNodes(2, 5, 7, false).rows);
  });
});

describe('Gauss-Hermite', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 15, 24, 25, 64, 101, 128])('order %i is exact to degree 2n - 1 and not beyond', (order) => {
    const nodes = hermiteNodes(1, order);
    expect(nodes.count).toBe(order);
    for (let degree = 0; degree <= Math.min(2 * order - 1, 40); degree++) {
      expect(errorOfDegree(nodes, 1, degree)).toBeLessThan(1e-12);
    }
    // E z^2n is short by n!, the square of the polynomial whose roots the nodes are.
    if (order <= 15) {
      const missing = moment(2 * order) - integrate(nodes, 1, (z) => z[0]! ** (2 * order));
      const factorial = Array.from({ length: order }, (_, i) => i + 1).reduce((product, n) => product * n, 1);
      expect(missing / factorial).toBeCloseTo(1, 3);
    }
    expect(Math.min(...Array.from({ length: order }, (_, j) => nodes.rows[2 * j + 1]!))).toBeGreaterThan(0);
  });

  it('as a tensor', () => {
    const nodes = hermiteNodes(2, 5);
    expect(nodes.count).toBe(25);
    for (let degree = 0; degree <= 9; degree++) expect(errorOfDegree(nodes, 2, degree)).toBeLessThan(1e-13);
    expect(hermiteNodes(3, 2).count).toBe(8);
    expect(errorOfDegree(hermiteNodes(3, 3), 3, 4)).toBeLessThan(1e-13);
  });
});

describe.each([1, 2, 3, 5, 11])('sigma points, d = %i', (dim) => {
  it('the mean: first degree', () => {
    expect(meanNode(dim).count).toBe(1);
    expect(errorOfDegree(meanNode(dim), dim, 0)).toBe(0);
    expect(errorOfDegree(meanNode(dim), dim, 1)).toBe(0);
  });

  it('unscented: third degree, fifth along axes', () => {
    const nodes = unscentedNodes(dim);
    expect(nodes.count).toBe(2 * dim + 1);
    for (const degree of [0, 1, 2, 3]) expect(errorOfDegree(nodes, dim, degree)).toBeLessThan(1e-14);
    for (const power of [4, 5]) expect(integrate(nodes, dim, (z) => z[0]! ** power)).toBeCloseTo(moment(power), 13);
  });

  it('cubature: third degree, positive weights', () => {
    const nodes = cubatureNodes(dim);
    expect(nodes.count).toBe(2 * dim);
    expect(nodes.rows.length).toBe(2 * dim * (dim + 1));
    for (const degree of [0, 1, 2, 3]) expect(errorOfDegree(nodes, dim, degree)).toBeLessThan(1e-14);
    for (let j = 0; j < nodes.count; j++) expect(nodes.rows[j * (dim + 1) + dim]).toBeGreaterThan(0);
  });

  it('alike: of first degree, their second moment short by 2d / (2d + 1)', () => {
    const nodes = equalSigmaNodes(dim);
    expect(nodes.count).toBe(2 * dim + 1);
    for (const degree of [0, 1, 3]) expect(errorOfDegree(nodes, dim, degree)).toBeLessThan(1e-14);
    expect(integrate(nodes, dim, (z) => z[dim - 1]! ** 2)).toBeCloseTo((2 * dim) / (2 * dim + 1), 13);
  });
});
