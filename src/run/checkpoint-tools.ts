/** What a run needs to keep checkpoints, and a search to go on from one: loaded with the first, no part of a page that has none. */
export { Keeping } from './keeping.ts';
export { SearchCheckpoints } from './search-checkpoints.ts';
