/**
 * Rank utilities u_r = max(0, offset - log r) scale - shift for ranks r = 1 (best) to n.
 * `cma`: CMA-ES log weights on the top quarter, summing to one (FS-NVA-GM; Minh et al. 2025, `example.py`).
 * `xnes`: the zero-sum utilities of xNES (Glasmachers et al. 2010; Wierstra et al. 2014, section 3.1).
 */
export type Utilities = 'cma' | 'xnes';

export function utilityConstants(kind: Utilities, samples: number): { offset: number; scale: number; shift: number } {
  const offset = kind === 'cma' ? Math.log(Math.max(1, Math.floor(samples / 4)) + 1) : Math.log(samples / 2 + 1);
  let sum = 0;
  for (let rank = 1; rank <= samples; rank++) {
    const raw = offset - Math.log(rank);
    if (raw <= 0) break;
    sum += raw;
  }
  return { offset, scale: 1 / sum, shift: kind === 'cma' ? 0 : 1 / samples };
}
