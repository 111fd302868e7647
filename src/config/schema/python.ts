import * as z from 'zod';
import { group, inWords } from './group.js';
import { flag, text, texts } from './values.js';

/** Which Python freezes the backend, and where its packages come from. */
export interface PythonConfig {
  /**
   * Range of Python versions that may be used: comparisons joined by commas, or a plain version for "this one".
   * @defaultValue '>=3.10'
   * @example '>=3.11,<3.14'
   */
  version?: string;
  /**
   * The interpreter to use: a path (relative to the project) or the name of a command. Left out: it is searched
   * (the project's environment, uv, `py`, `python3`, `python`), and where none can be used, uv brings one;
   * `electron-pyinstaller doctor` shows the choice and why.
   * @example '.venv/bin/python'
   */
  interpreter?: string;
  /**
   * `managed`: an environment of ours in the cache, filled from `requirements`. `active`: the project's own environment,
   * found and used as it is. Anything else: the folder of an environment to use as it is.
   * @defaultValue 'managed'
   * @example 'backend/.venv'
   */
  env?: 'managed' | 'active' | (string & {});
  /**
   * What makes and fills a managed environment. `auto`: uv, brought from the package index where it is not installed; pip where uv would
   * install something else, or cannot be had. `pip`: no uv, and no Python that uv would bring.
   * @defaultValue 'auto'
   */
  installer?: 'auto' | 'uv' | 'pip';
  /**
   * Package index to use instead of PyPI. Keep credentials out of it: pip and uv read them from their own configuration
   * and environment.
   * @example 'https://packages.example.com/simple'
   */
  indexUrl?: string;
  /**
   * Further package indexes.
   * @defaultValue []
   * @example ['https://download.pytorch.org/whl/cpu']
   */
  extraIndexUrls?: readonly string[];
  /**
   * Folders (relative to the project) or URLs where wheels are looked for.
   * @defaultValue []
   * @example ['vendor/wheels']
   */
  findLinks?: readonly string[];
  /**
   * Never ask an index: everything must come from `findLinks` or from the installer's cache.
   * @defaultValue false
   */
  offline?: boolean;
  /**
   * Further arguments of `pip install` (or `uv pip install`), word by word.
   * @defaultValue []
   * @example ['--no-binary', 'lxml']
   */
  pipArgs?: readonly string[];
}

const comparison = String.raw`(?:>=|<=|==|!=|~=|>|<)?\s*\d{1,3}(?:\.\d{1,3}){0,2}(?:\.\*)?`;

const url = inWords(
  z.string().regex(/^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/i),
  "a URL such as 'https://packages.example.com/simple'",
);

/** The group `python`. */
export const pythonSchema = group<PythonConfig>('PythonConfig')({
  version: inWords(
    z.string().regex(new RegExp(`^\\s*${comparison}(?:\\s*,\\s*${comparison})*\\s*$`)),
    "a version range such as '>=3.10', '>=3.10,<3.14' or '3.12'",
  ).optional(),
  interpreter: text.optional(),
  env: inWords(z.string().min(1), "'managed', 'active' or the folder of an environment").optional(),
  installer: z.enum(['auto', 'uv', 'pip']).optional(),
  indexUrl: url.optional(),
  extraIndexUrls: (z.array(url) as z.ZodType<readonly string[], readonly string[]>).optional(),
  findLinks: texts.optional(),
  offline: flag.optional(),
  pipArgs: texts.optional(),
});
