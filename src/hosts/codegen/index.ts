export { generateBackends, type NamedBackends } from './generate.js';
export { identifier, identifiers } from './identifiers.js';
export { writeGenerated } from './write.js';
export { writeBackendsModule } from './write-module.js';
