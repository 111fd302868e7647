export { presentDocument } from './document.js';
export { keepDocument, sourcesStamp } from './kept-document.js';
export { apiDigest, type OpenApiDocument } from './openapi.js';
export { changesText, routeChanges, type RouteChange } from './route-changes.js';
export { findTypeGenerator, generatorVersion } from './type-generator.js';
export { typedBackends, typesState, writeTypes, type TypedBackend, type TypesState } from './types-file.js';
