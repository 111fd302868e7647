import type { ResolvedPython } from '../../src/config/resolved.js';

/** The `python` group with nothing set. */
export const plainPython: ResolvedPython = {
  version: '>=3.10',
  interpreter: null,
  env: { type: 'managed' },
  installer: 'pip',
  indexUrl: null,
  extraIndexUrls: [],
  findLinks: [],
  offline: false,
  pipArgs: [],
};
