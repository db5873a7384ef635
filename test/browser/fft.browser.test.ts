import { cases } from '../cases/fft.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/fft.ts', cases);
