/** The built-in problems by name. */
import { cec2013F1 } from './cec2013-f1.ts';
import { cec2013F2 } from './cec2013-f2.ts';
import { cec2013F3 } from './cec2013-f3.ts';
import { cec2013F4 } from './cec2013-f4.ts';
import { cec2013F5 } from './cec2013-f5.ts';
import { cec2013F10 } from './cec2013-f10.ts';
import { cec2013F6, cec2013F8 } from './cec2013-shubert.ts';
import { cec2013F7, cec2013F9 } from './cec2013-vincent.ts';
import { fourModes } from './four-modes.ts';
import { hapke } from './hapke.ts';
import { himmelblau } from './himmelblau.ts';
import type { ProblemFamily } from './problem.ts';
import { styblinskiTang } from './styblinski-tang.ts';
import { triangle } from './triangle.ts';

export const problems: readonly ProblemFamily[] = [
  himmelblau,
  styblinskiTang,
  triangle,
  fourModes,
  cec2013F1,
  cec2013F2,
  cec2013F3,
  cec2013F4,
  cec2013F5,
  cec2013F6,
  cec2013F7,
  cec2013F8,
  cec2013F9,
  cec2013F10,
  hapke,
];

export function findProblem(name: string): ProblemFamily | undefined {
  return problems.find((problem) => problem.name === name);
}
