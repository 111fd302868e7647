export { prepareBackend, prepareDevelopment, type Development } from './prepare.js';
export { debugMode, debugVariable, type DebugMode } from './debug.js';
