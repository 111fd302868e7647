import type { Row } from '../frame/row.ts';
import { fetches } from './fetch.ts';
import { files } from './files.ts';
import { freeze } from './freeze.ts';
import { imports } from './import.ts';
import { noChange } from './no-change.ts';
import { readyLag } from './ready-lag.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  ...freeze,
  ...noChange,
  ...start,
  stop,
  ...files,
  ...fetches,
  ...imports,
  readyLag,
];
