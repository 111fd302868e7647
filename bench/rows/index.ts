import type { Row } from '../frame/row.ts';
import { apart } from './app.ts';
import { builds } from './build.ts';
import { environments } from './environment.ts';
import { fetches } from './fetch.ts';
import { files } from './files.ts';
import { freeze } from './freeze.ts';
import { imports } from './import.ts';
import { lives } from './life.ts';
import { makes } from './make.ts';
import { proxies } from './proxy.ts';
import { readyLag } from './ready-lag.ts';
import { size } from './size.ts';

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  ...environments,
  ...freeze,
  ...builds,
  ...makes,
  size,
  ...lives,
  ...files,
  ...fetches,
  ...proxies,
  ...imports,
  readyLag,
  ...apart,
];
