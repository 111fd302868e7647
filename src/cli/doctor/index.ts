export { runChecks } from './run-checks.js';
export type { CheckContext, CheckResult } from './types.js';
