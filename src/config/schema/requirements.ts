import * as z from 'zod';
import { group, inWords } from './group.js';
import { filePath, flag, text, texts } from './values.js';

/** Where the Python packages come from, spelled out. */
export interface RequirementsGroup {
  /**
   * Requirement files, as for `pip install -r`; relative to the project. A `Pipfile` and the pip part of a conda
   * `environment.yml` too.
   * @example ['backend/requirements.txt']
   */
  files?: readonly string[];
  /**
   * Single requirements, as for `pip install`; a folder (`'./lib'`) is a project of your own. Beside `lock` or `project` only
   * the folder of that project: it is built and installed too, which extension modules need. Its metadata and its entry points are
   * there without that.
   * @example ['fastapi>=0.110', 'uvicorn']
   */
  packages?: readonly string[];
  /**
   * A `pyproject.toml`, or the folder with one: its dependencies (`[project]`, or Poetry's tables) are installed, without a
   * lock.
   * @example 'backend'
   */
  project?: string;
  /**
   * A `uv.lock`, `poetry.lock`, `pdm.lock` or `Pipfile.lock`, or the folder with one: exactly what it lists is installed.
   * @example 'backend/uv.lock'
   */
  lock?: string;
  /**
   * Extras (optional dependencies) of the project to include. With `project` or `lock` only.
   * @defaultValue []
   */
  extras?: readonly string[];
  /**
   * Dependency groups of the project (categories of a Pipfile.lock) to include; development groups are left out unless
   * named. With `project` or `lock` only.
   * @defaultValue []
   */
  groups?: readonly string[];
  /**
   * Every requirement in `files` must carry a hash. Files that carry hashes are checked against them in any case.
   * @defaultValue false
   */
  requireHashes?: boolean;
}

/** Where the Python packages come from. */
export type RequirementsConfig = string | readonly string[] | RequirementsGroup;

/** The key `requirements`. */
export const requirementsSchema: z.ZodType<RequirementsConfig, RequirementsConfig> = inWords(
  z.union([
    text,
    texts,
    group<RequirementsGroup>('RequirementsGroup')({
      files: texts.optional(),
      packages: texts.optional(),
      project: filePath.optional(),
      lock: filePath.optional(),
      extras: texts.optional(),
      groups: texts.optional(),
      requireHashes: flag.optional(),
    }),
  ]),
  "a file ('backend/requirements.txt', 'uv.lock', 'pyproject.toml'), a requirement ('fastapi>=0.110'), a list of those, or an " +
    'object with files, packages, project or lock',
);
