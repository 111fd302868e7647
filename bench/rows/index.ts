import type { Row } from '../frame/row.ts';
import { edits } from './edit.ts';
import { fetches } from './fetch.ts';
import { files } from './files.ts';
import { freeze } from './freeze.ts';
import { imports } from './import.ts';
import { noChange } from './no-change.ts';
import { readyLag } from './ready-lag.ts';
import { restart } from './restart.ts';
import { size } from './size.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  ...freeze,
  ...noChange,
  ...edits,
  size,
  ...start,
  stop,
  restart,
  ...files,
  ...fetches,
  ...imports,
  readyLag,
];
