/** What the runtime loads from the installed package during development, and what no packaged app holds. */
export { refuseStale } from './stale.js';
export { createTerminal } from './terminal.js';
export { watchProgram } from './watch.js';
