export { presentDocument } from './document.js';
export { changesText } from './route-changes.js';
export { findTypeGenerator, generatorVersion } from './type-generator.js';
export { typedBackends, typesState, writeTypes, type TypedBackend } from './types-file.js';
