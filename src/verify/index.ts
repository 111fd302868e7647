export {
  diagnoseOutput,
  diagnosisTable,
  formatDiagnoses,
  type Diagnosis,
  type DiagnosisContext,
} from './diagnosis.js';
