export { verifyBundle, type VerifyInput } from './verify.js';
export { verifyPackagedApp, type VerifiedApp, type VerifyAppOptions } from './packaged-app.js';
export { measureStartup } from './startup/measure.js';
export { costsOf } from './startup/costs.js';
export { formatStartup } from './startup/text.js';
export { startupPage } from './startup/startup-html.js';
export type { VerifyOptions, VerifyResult } from './check-subject.js';
