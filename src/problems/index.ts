/** The built-in problems by name. */
import { cec2013F1 } from './cec2013-f1.ts';
import { cec2013F2 } from './cec2013-f2.ts';
import { cec2013F3 } from './cec2013-f3.ts';
import { cec2013F4 } from './cec2013-f4.ts';
import { cec2013F5 } from './cec2013-f5.ts';
import { cec2013F10 } from './cec2013-f10.ts';
import { cec2013F6, cec2013F8 } from './cec2013-shubert.ts';
import { cec2013F7, cec2013F9 } from './cec2013-vincent.ts';
import { eightSchools } from './eight-schools.ts';
import { fourModes } from './four-modes.ts';
import { funnel } from './funnel.ts';
import { gmm20, gmm100, stm20, stm300 } from './generated-mixtures.ts';
import { hapke } from './hapke.ts';
import { himmelblau } from './himmelblau.ts';
import { manyWell } from './many-well.ts';
import { network } from './network-regression.ts';
import { planar1, planar4 } from './planar-arm.ts';
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
  gmm20,
  gmm100,
  stm20,
  stm300,
  planar1,
  planar4,
  network,
  eightSchools,
  funnel,
  manyWell,
];

export { breastCancer, dataProblems, germanCredit, type LogisticRegressionOptions, logisticRegression } from './logistic-regression.ts';

export function findProblem(name: string): ProblemFamily | undefined {
  return problems.find((problem) => problem.name === name);
}
