/** What an inversion by sigma points takes: members, nodes, and whether the device can hold it. */
import { assertBinding, largestBinding } from '../gpu/device.ts';
import { LimitError } from '../gpu/errors.ts';
import type { ForwardModel } from '../objective/forward.ts';
import { cubatureNodes, drawnNodes, equalSigmaNodes, hermiteNodes, meanNode, type Nodes, unscentedNodes } from '../sampler/nodes.ts';
import type { Entropy, Exploration, SigmaMethod } from './inversion-method.ts';

/** Most observations whose noise is factorised: their covariance is a triangle in memory, and its factor their cube in time. */
const MAX_KALMAN_OBSERVATIONS = 2048;

/** Members of an iteration. */
export const membersOf = (components: number, dim: number): number => components * (2 * dim + 1);

/** Before nodes are made, which takes a while where there are many. @throws LimitError */
export function checkNodes(device: GPUDevice, { rule, nodes }: Exploration, dim: number): void {
  if (rule !== 'whitened' && rule !== 'sampled') return;
  const fits = Math.floor(largestBinding(device) / (4 * (dim + 1)));
  assertBinding(
    device,
    `${nodes} exploration nodes of ${dim} parameters`,
    4 * nodes * (dim + 1),
    `At most ${fits} fit: give fewer nodes.`,
    fits,
  );
}

export function explorationNodes({ rule, nodes }: Exploration, dim: number, seed: number): Nodes | undefined {
  switch (rule) {
    case 'none':
      return undefined;
    case 'sigma':
      return equalSigmaNodes(dim);
    case 'hermite':
      return hermiteNodes(dim, nodes);
    default:
      return drawnNodes(dim, nodes, seed, rule === 'whitened');
  }
}

export function entropyNodes(rule: Entropy, dim: number): Nodes {
  return { mean: meanNode, unscented: unscentedNodes, cubature: cubatureNodes }[rule](dim);
}

/** @throws LimitError before anything is allocated. */
export function checkInversion(
  device: GPUDevice,
  model: ForwardModel,
  method: SigmaMethod,
  components: number,
  nodes: Nodes | undefined,
): void {
  const { dim, observations } = model;
  if (method.exploration && observations > MAX_KALMAN_OBSERVATIONS) {
    throw new LimitError(
      `${method.name} factorises a ${observations} x ${observations} matrix a component; it goes up to ${MAX_KALMAN_OBSERVATIONS} data. Use df-gmvi, which has no such matrix, or fewer data.`,
      'observations',
      observations,
      MAX_KALMAN_OBSERVATIONS,
      MAX_KALMAN_OBSERVATIONS,
    );
  }
  const room = Math.floor(largestBinding(device) / 4);
  const perComponent = [
    ['Predictions of its sigma points', (2 * dim + 1) * Math.max(observations, dim)],
    ['Its covariance factors', dim * (dim + 1)],
    ...(method.exploration ? [['The noise of its observations', (observations * (observations + 1)) / 2] as const] : []),
    ...(method.exploration && nodes ? [['Its exploration nodes', nodes.count] as const] : []),
    // Of every component at every node of every component.
    ...(method.entropy && nodes ? [['Its entropy terms', nodes.count * components * (dim + 1)] as const] : []),
  ] as const;
  for (const [what, floats] of perComponent) {
    const fits = what === 'Its entropy terms' ? Math.floor(Math.sqrt((room * components) / floats)) : Math.floor(room / floats);
    assertBinding(
      device,
      `${components} components, of each of which ${what.charAt(0).toLowerCase()}${what.slice(1)} take ${floats} numbers,`,
      4 * floats * components,
      fits > 0 ? `At most ${fits} components fit.` : 'Not even one component fits: use fewer parameters, data or nodes.',
      fits,
    );
  }
}
