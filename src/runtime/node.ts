/**
 * Node's own modules, each loaded when it is first used: half of the time of loading the runtime would be theirs, and what needs none of
 * them works where there are none (pages, sandboxed preload scripts), however it is bundled. Needs Node 22.3 or
 * Electron 32.
 */
export const node = {
  get childProcess() {
    return process.getBuiltinModule('node:child_process');
  },
  get console() {
    return process.getBuiltinModule('node:console');
  },
  get crypto() {
    return process.getBuiltinModule('node:crypto');
  },
  get events() {
    return process.getBuiltinModule('node:events');
  },
  get fs() {
    return process.getBuiltinModule('node:fs');
  },
  get http() {
    return process.getBuiltinModule('node:http');
  },
  get module() {
    return process.getBuiltinModule('node:module');
  },
  get net() {
    return process.getBuiltinModule('node:net');
  },
  get os() {
    return process.getBuiltinModule('node:os');
  },
  get path() {
    return process.getBuiltinModule('node:path');
  },
  get stream() {
    return process.getBuiltinModule('node:stream');
  },
  get timers() {
    return process.getBuiltinModule('node:timers/promises');
  },
  get workerThreads() {
    return process.getBuiltinModule('node:worker_threads');
  },
  get zlib() {
    return process.getBuiltinModule('node:zlib');
  },
} as const;
