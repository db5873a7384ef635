import { afterAll, afterEach } from 'vitest';
import { closeDevice, throwUncapturedErrors } from './harness/device.ts';

afterEach(throwUncapturedErrors);
afterAll(closeDevice);
