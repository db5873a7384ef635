/**
 * Waiting for the GPU without keeping a processor busy. In Node, Dawn's bindings poll without a pause while anything is awaited of them: on
 * a hardware adapter a core for nothing, on a software adapter one that it could compute on (half as many iterations again on two cores,
 * bench/README.md). So between two looks the thread rests. Browsers are told when work is done.
 */

const node = globalThis as {
  process?: { versions?: { node?: string } };
  document?: unknown;
  setImmediate?: (turn: () => void) => { unref(): void };
};
const POLLS = node.process?.versions?.node !== undefined && node.document === undefined;

/** A rest: a share of the time that was waited so far, and so many milliseconds at most, since other work of the thread waits with it. */
const SHARE = 0.1;
const LONGEST = 0.5;

// Nobody ever wakes it. Pages may have no shared memory.
const cell = POLLS ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
let waiting = 0;
let resting = false;
/** When the last wait began, or ended. */
let changed = 0;

function rest(): void {
  resting = waiting > 0;
  if (!resting) return;
  Atomics.wait(cell!, 0, 0, Math.min(LONGEST, SHARE * (performance.now() - changed)));
  next();
}

// Dawn's own polling keeps the loop alive as long as it has work.
const next = (): void => node.setImmediate!(rest).unref();

/** The outcome of GPU work; in Node the thread rests meanwhile. */
export async function patiently<T>(work: Promise<T>): Promise<T> {
  if (!POLLS) return work;
  waiting++;
  changed = performance.now();
  if (!resting) {
    resting = true;
    next();
  }
  try {
    return await work;
  } finally {
    waiting--;
    changed = performance.now();
  }
}
