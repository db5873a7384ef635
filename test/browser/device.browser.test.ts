import { cases } from '../cases/device.ts';
import { runCasesInBrowser } from '../harness/browser.ts';

runCasesInBrowser('/test/cases/device.ts', cases);
