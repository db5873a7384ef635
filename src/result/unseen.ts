/**
 * How many modes have not been seen yet, from how often each known one was found.
 *
 * Modes are species, independent finds are sightings. Two estimates, of which the larger is taken (a stop rule must not be
 * fooled by the smaller):
 * - bias-corrected Chao1, `(n - 1) / n * f1 (f1 - 1) / (2 (f2 + 1))` (A. Chao, Scand. J. Statist. 11, 1984; bias-corrected form in
 *   Chao 2005, Encyclopedia of Statistical Sciences), a lower bound on the number of unseen species;
 * - Good-Turing coverage (I. J. Good, Biometrika 40, 1953): the share of sightings that fall on unseen species is about `f1 / n`;
 *   here `f1 / (n + 1)`, so that it stays below one when every mode was found once.
 * `f1`, `f2`: modes found exactly once, twice; `n`: finds in all. Both assume independent finds: components of one wave that are
 * drawn to the same mode count once. Basins of very unequal size make both too low.
 */

export interface UnseenModes {
  /** Expected number of modes not seen yet. */
  readonly expected: number;
  /** Their share of all modes, seen and unseen, in [0, 1]. */
  readonly share: number;
}

/** `counts[i]`: independent finds of mode `i`. Entries of zero or less are ignored. Nothing found yet: one expected, share 1. */
export function unseenModes(counts: readonly number[]): UnseenModes {
  let seen = 0;
  let finds = 0;
  let once = 0;
  let twice = 0;
  for (const count of counts) {
    if (!(count > 0)) continue;
    seen++;
    finds += count;
    if (count === 1) once++;
    if (count === 2) twice++;
  }
  if (seen === 0) return { expected: 1, share: 1 };
  const chao = (((finds - 1) / finds) * once * (once - 1)) / (2 * (twice + 1));
  const missedShare = once / (finds + 1);
  const goodTuring = (seen * missedShare) / (1 - missedShare);
  const expected = Math.max(chao, goodTuring);
  return { expected, share: expected / (seen + expected) };
}
