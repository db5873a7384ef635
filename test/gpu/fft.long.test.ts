import { longCases } from '../cases/fft.ts';
import { runCasesInNode } from '../harness/cases.ts';

runCasesInNode('fft, long', longCases);
