export { copyBundle } from './copy.js';
export { writeManifest } from './manifest-file.js';
export { placeBackends, type PlacedBackend } from './place.js';
export { signingList, type SigningItem } from './signing.js';
