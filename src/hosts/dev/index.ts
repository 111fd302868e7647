export { prepareDevelopment, type Development } from './prepare.js';
