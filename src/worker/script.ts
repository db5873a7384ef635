/** What runs in the worker. Importing it is all that a worker of one's own has to do. */
import { expose } from 'comlink';
import { createService } from './service.ts';

expose(createService());
