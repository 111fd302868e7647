const load: typeof process.getBuiltinModule = (name: string) => process.getBuiltinModule(name);

/**
 * Node's own modules, each loaded when it is first used: half of the time of loading the runtime would be theirs, and what needs none of
 * them works where there are none (pages, sandboxed preload scripts), however it is bundled. Needs Node 22.3 or
 * Electron 32.
 */
export const node = {
  get childProcess() {
    return load('child_process');
  },
  get crypto() {
    return load('crypto');
  },
  get events() {
    return load('events');
  },
  get fs() {
    return load('fs');
  },
  get http() {
    return load('http');
  },
  get module() {
    return load('module');
  },
  get net() {
    return load('net');
  },
  get os() {
    return load('os');
  },
  get path() {
    return load('path');
  },
  get stream() {
    return load('stream');
  },
  get timers() {
    return load('timers/promises');
  },
  get workerThreads() {
    return load('worker_threads');
  },
  get zlib() {
    return load('zlib');
  },
} as const;
