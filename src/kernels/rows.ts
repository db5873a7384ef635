/** Groups of rows of a shared batch, read from where they lie. */
import rows from '../../shaders/lib/rows.wgsl?raw';
import { drawsModule, ringModule } from './compose.ts';

export const rowModules: readonly string[] = [drawsModule, ringModule, rows];
