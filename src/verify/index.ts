export { verifyBundle, type VerifyInput } from './verify.js';
export { verifyPackagedApp, type VerifiedApp, type VerifyAppOptions } from './packaged-app.js';
export type { VerifyOptions, VerifyResult } from './check-subject.js';
