import { buildRows } from './build-rows.js';
import { installRows } from './install-rows.js';
import { programRows } from './program-rows.js';
import type { AdviceRow } from './row.js';

/** Every known failure: of the build and, with what the runtime knows, of the frozen program. The first row that matches counts. */
export const adviceTable: readonly AdviceRow[] = [...buildRows, ...installRows, ...programRows];
