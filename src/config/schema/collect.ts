import * as z from 'zod';
import { explicitWords, group, inWords, list } from './group.js';
import {
  distributionName,
  dottedModule,
  filePath,
  flag,
  moduleName,
  modulePattern,
  text,
  texts,
} from './values.js';

/** A name that may be missing. */
export interface OptionalName {
  /** The name. */
  name: string;
  /**
   * True: nothing happens when it does not exist. False: the build fails then.
   * @defaultValue false
   */
  optional?: boolean;
}

/** A name, or an object that allows it to be missing. */
export type NameConfig = string | OptionalName;

/** Files to bundle. */
export interface DataRule {
  /**
   * A file, a folder (its contents are taken, at any depth) or a glob (`*`, `**`, `?`, `[…]`, `{a,b}`); relative to the
   * project.
   * @example 'backend/config/**\/*.json'
   */
  from: string;
  /**
   * Folder inside the bundle; files keep their path below the fixed part of `from`. Left out: the same place as relative
   * to `source`, which is where code that looks beside its own file expects it. `.` is the root of the bundle.
   * @example 'config'
   */
  to?: string;
  /**
   * Globs of files to leave out, relative to the fixed part of `from`.
   * @defaultValue []
   * @example ['**\/secrets.json']
   */
  exclude?: readonly string[];
  /**
   * True: nothing happens when nothing matches. False: the build fails then.
   * @defaultValue false
   */
  optional?: boolean;
}

/** Files to bundle; a string is short for `{ from }`. */
export type DataConfig = string | DataRule;

/** Parts of installed packages to bundle besides what PyInstaller finds by itself. */
export interface CollectConfig {
  /**
   * Packages of which every module is taken.
   * @defaultValue []
   * @example ['my_plugins']
   */
  submodules?: readonly NameConfig[];
  /**
   * Packages of which every data file is taken.
   * @defaultValue []
   * @example ['langchain']
   */
  data?: readonly NameConfig[];
  /**
   * Packages of which every shared library is taken.
   * @defaultValue []
   * @example ['llama_cpp']
   */
  binaries?: readonly NameConfig[];
  /**
   * Packages of which everything is taken: modules, data and libraries. Large.
   * @defaultValue []
   * @example ['chromadb']
   */
  all?: readonly NameConfig[];
  /**
   * Distributions whose metadata is taken, for code that asks `importlib.metadata`.
   * @defaultValue []
   * @example ['tqdm']
   */
  metadata?: readonly NameConfig[];
  /**
   * Entry-point groups: every entry point of the group in the environment is taken with its module and metadata.
   * @defaultValue []
   * @example ['my_app.plugins']
   */
  entryPoints?: readonly NameConfig[];
  /**
   * The distribution that provides the entry is collected whole: all its modules but tests, the data files of its packages, its
   * metadata. That is the installed one of a `consoleScript` or a module, or the project itself when it is a package.
   * @defaultValue true
   */
  ownDistribution?: boolean;
}

function names(
  name: z.ZodType<string, string>,
  id: string,
): z.ZodType<readonly NameConfig[], readonly NameConfig[]> {
  const named = z.union([name, group<OptionalName>('OptionalName', id)({ name, optional: flag.optional() })]);
  return list(inWords(named, `${explicitWords(name) ?? 'a name'}, or { name: '…', optional: true }`));
}

/** Key `hiddenImports`. */
export const hiddenImportsSchema = names(modulePattern, 'OptionalName');

const modules = names(moduleName, 'OptionalModule');

/** The group `collect`. */
export const collectSchema = group<CollectConfig>('CollectConfig')({
  submodules: modules.optional(),
  data: modules.optional(),
  binaries: modules.optional(),
  all: modules.optional(),
  metadata: names(distributionName, 'OptionalDistribution').optional(),
  entryPoints: names(
    inWords(z.string().regex(/^[\w.:-]+$/u), "an entry-point group such as 'my_app.plugins'"),
    'OptionalEntryPoints',
  ).optional(),
  ownDistribution: flag.optional(),
});

/** Keys `data` and `binaries`. */
export const dataSchema: z.ZodType<readonly DataConfig[], readonly DataConfig[]> = list(
  inWords(
    z.union([
      text,
      group<DataRule>('DataRule')({
        from: filePath,
        to: inWords(
          z.string().regex(/^(?!\/|\\|[A-Za-z]:)(?!(?:.*[\\/])?\.\.(?:[\\/]|$)).+$/s),
          "a folder inside the bundle such as 'config' or '.' (not absolute, no '..')",
        ).optional(),
        exclude: texts.optional(),
        optional: flag.optional(),
      }),
    ]),
    "a path or glob, or { from: 'backend/config', to: 'config' }",
  ),
);

/** Key `excludes`. */
export const excludesSchema = list(
  inWords(
    z.string().regex(new RegExp(`^${dottedModule}$`, 'u')),
    "a dotted Python module name such as 'tkinter' (what is below it is left out too; no '*')",
  ),
);
