export { prepareBackend, prepareDevelopment, type Development } from './prepare.js';
