export { writeManifest } from './manifest-file.js';
export { placeBackends, type PlacedBackend } from './place.js';
