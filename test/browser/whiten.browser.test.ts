import { cases } from '../cases/whiten.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/whiten.ts', cases);
