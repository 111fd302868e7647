export {
  diagnoseOutput,
  diagnosisTable,
  formatDiagnoses,
  type Diagnosis,
  type DiagnosisContext,
} from './diagnosis.js';
export { verifyBundle, type VerifyInput } from './verify.js';
export { verifyPackagedApp, type VerifiedApp, type VerifyAppOptions } from './packaged-app.js';
export type { VerifyOptions, VerifyResult } from './check-subject.js';
