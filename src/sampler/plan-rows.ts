/** The layout of samples that the GPU counts out. */
import { LimitError } from '../gpu/errors.ts';
import { LEAF } from '../kernels/state.ts';
import { MAX_SAMPLES, roomFor, runs, type SamplePlan } from './plan.ts';

/**
 * The plan of a shared batch whose rows are counted out anew in every iteration, by the GPU: room for the most there can be.
 * @throws LimitError where the rows do not fit one binding, since reused rows lie in one ring.
 */
export function planRows(shape: {
  /** Most components. */
  components: number;
  /** Most rows drawn in an iteration, and most rows drawn and reused. */
  fresh: number;
  rows: number;
  perSample: number;
  /** Floats that a component takes in a chunk, beside its samples. */
  perComponent: number;
  largest: number;
  /** Past samples wanted: a power of two. */
  pastRows: number;
}): SamplePlan {
  const { components, fresh, rows, perSample, perComponent, largest, pastRows } = shape;
  if (rows > MAX_SAMPLES) {
    throw new LimitError(
      `${rows} rows an iteration (fresh and reused); the most is ${MAX_SAMPLES} (2^22). Use a smaller capacity, fewer samples, or a sampleBudget.`,
      'samples per iteration',
      rows,
      MAX_SAMPLES,
      MAX_SAMPLES,
    );
  }
  const fits = roomFor(perSample, largest);
  // A row has a weight for every component.
  const perRow = Math.max(perSample, components);
  const rowsFit = roomFor(perRow, largest);
  if (rows > rowsFit) {
    throw new LimitError(
      `${rows} rows an iteration (fresh and reused) do not fit one binding, which holds ${rowsFit} of ${perRow} numbers each. Use a smaller capacity, fewer samples, or a sampleBudget.`,
      'maxStorageBufferBindingSize',
      rows,
      rowsFit,
      rowsFit,
    );
  }
  const leaves = Math.ceil(rows / LEAF);
  const whole = { firstLeaf: 0, leafCount: leaves, firstSample: 0, sampleCount: rows };
  const chunks = runs(components, Math.max(1, Math.floor(Math.min(fits / rows, largest / Math.max(perComponent, 1))))).map(
    ([firstComponent, componentCount]) => ({
      ...whole,
      firstComponent,
      componentCount,
    }),
  );
  return {
    samples: rows,
    leaves,
    evaluations: fresh,
    batches: [{ draw: { ...whole, firstComponent: 0, componentCount: 1 }, chunks }],
    chunkSize: chunks[0]!.componentCount * rows,
    batchSize: rows,
    // Rows of one iteration must not fall on each other there.
    pastRows: pastRows === 0 ? 0 : Math.max(pastRows, 2 ** Math.ceil(Math.log2(fresh + 1))),
  };
}
