import path from 'node:path';
import { applicationInFile } from '../check/validate.js';
import type { ResolvedEntry } from '../resolved.js';
import type { BackendOverrides, EntryConfig } from '../schema/index.js';
import type { BackendContext } from './context.js';
import { absolute, existing } from './paths.js';

/** What starts the backend: `entry`, or the hand-written spec. Null when neither is given (noted). */
export function resolveEntry(context: BackendContext, config: BackendOverrides): ResolvedEntry | null {
  const { entry } = config;
  const spec = config.pyinstaller?.spec;
  if (spec !== undefined) {
    if (entry !== undefined)
      context.problem(
        ['entry'],
        'cannot be combined with pyinstaller.spec, which names its own script; keep one of the two',
      );
    return { type: 'spec', file: existing(context, ['pyinstaller', 'spec'], spec, 'file') };
  }
  if (entry === undefined) {
    context.problem(
      [],
      "the key \"entry\" is missing; write what starts the backend, such as entry: { asgi: 'main:app' } or entry: 'backend/main.py' (or pyinstaller.spec)",
    );
    return null;
  }
  return entryOf(context, entry);
}

function entryOf(context: BackendContext, entry: EntryConfig): ResolvedEntry {
  if (typeof entry === 'string') return scriptEntry(context, ['entry'], entry);
  if ('script' in entry) return scriptEntry(context, ['entry', 'script'], entry.script);
  if ('module' in entry) return { type: 'module', module: entry.module };
  if ('consoleScript' in entry) return { type: 'consoleScript', script: entry.consoleScript };
  if ('asgi' in entry) return { type: 'asgi', ...splitReference(entry.asgi) };
  if ('wsgi' in entry) return { type: 'wsgi', ...splitReference(entry.wsgi) };
  return { type: 'call', ...splitReference(entry.call) };
}

function scriptEntry(context: BackendContext, at: readonly string[], value: string): ResolvedEntry {
  const inFile = applicationInFile(value);
  if (inFile !== null) {
    context.problem(
      at,
      `"${value}" is an application in a file; under entry: { asgi: … }, { wsgi: … } or { call: … } ${inFile}`,
    );
    return { type: 'script', file: absolute(context, value) };
  }
  if (/^[\p{L}_][\p{L}\p{N}_.-]*:[\p{L}_][\p{L}\p{N}_.]*$/u.test(value)) {
    context.problem(
      at,
      `"${value}" looks like module:attribute; write entry: { asgi: '${value}' }, { wsgi: … } or { call: … }`,
    );
    return { type: 'script', file: absolute(context, value) };
  }
  const extension = path.extname(value).toLowerCase();
  if (extension === '.spec') {
    context.problem(
      at,
      `"${value}" is a spec file; write pyinstaller: { spec: '${value}' } instead of entry`,
    );
    return { type: 'script', file: absolute(context, value) };
  }
  return { type: 'script', file: existing(context, at, value, 'file') };
}

function splitReference(reference: string): { module: string; attribute: string } {
  const colon = reference.indexOf(':');
  return { module: reference.slice(0, colon), attribute: reference.slice(colon + 1) };
}
