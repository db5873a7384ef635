/** What a search needs to keep checkpoints and to go on from one: loaded with the first, no part of a page that has none. */
export { mismatch, stateFor } from './checkpoint.ts';
export { checkEngine, loadEngine, saveEngine } from './persistent.ts';
export { checkSearch, restoreSearch, saveSearch, searchIdentity } from './search-state.ts';
