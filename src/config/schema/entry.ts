import * as z from 'zod';
import { group, inWords } from './group.js';
import { filePath, moduleAttribute, moduleName, text } from './values.js';

/** An ASGI application (FastAPI, Starlette, Django, Quart, …), served by the companion. */
export interface AsgiEntry {
  /**
   * The application as `module:attribute`, looked up below `source`. A callable without parameters that returns the
   * application works too.
   * @example 'main:app'
   */
  asgi: string;
}

/** A WSGI application (Flask, Django, Bottle, …), served by the companion. */
export interface WsgiEntry {
  /**
   * The application as `module:attribute`, looked up below `source`.
   * @example 'app:app'
   */
  wsgi: string;
}

/** A function that is called without arguments. */
export interface CallEntry {
  /**
   * The function as `module:callable`. It may serve with `electron_pyinstaller.serve(app)`.
   * @example 'engine.server:main'
   */
  call: string;
}

/** A module that is run like `python -m`. */
export interface ModuleEntry {
  /**
   * Name of a module or of a package with a `__main__`; in `source` or in an installed distribution.
   * @example 'engine'
   */
  module: string;
}

/** A console script of an installed distribution. */
export interface ConsoleScriptEntry {
  /**
   * Name of the `console_scripts` entry point, as one would type it in a terminal.
   * @example 'datasette'
   */
  consoleScript: string;
}

/** A Python file that is run as the main program. */
export interface ScriptEntry {
  /**
   * Path of the file, relative to the project. A bare string as `entry` means the same.
   * @example 'backend/main.py'
   */
  script: string;
}

/** What starts the backend. */
export type EntryConfig =
  | string
  | AsgiEntry
  | WsgiEntry
  | CallEntry
  | ModuleEntry
  | ConsoleScriptEntry
  | ScriptEntry;

/** The key `entry`. */
export const entrySchema: z.ZodType<EntryConfig, EntryConfig> = inWords(
  z.union([
    inWords(z.string().min(1), 'the path of a Python script'),
    group<AsgiEntry>('AsgiEntry')({ asgi: moduleAttribute }),
    group<WsgiEntry>('WsgiEntry')({ wsgi: moduleAttribute }),
    group<CallEntry>('CallEntry')({ call: moduleAttribute }),
    group<ModuleEntry>('ModuleEntry')({ module: moduleName }),
    group<ConsoleScriptEntry>('ConsoleScriptEntry')({ consoleScript: text }),
    group<ScriptEntry>('ScriptEntry')({ script: filePath }),
  ]),
  "the path of a Python script, { asgi: 'main:app' }, { wsgi: 'app:app' }, { call: 'engine:main' }, { module: 'engine' }, " +
    "{ consoleScript: 'name' } or { script: 'main.py' }",
);
