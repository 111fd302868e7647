import * as z from 'zod';
import { group, inWords, list } from './group.js';
import {
  filePath,
  flag,
  httpStatus,
  moduleName,
  positiveMilliseconds,
  size,
  text,
  texts,
  urlPath,
} from './values.js';

/** A request that must succeed. */
export interface VerifyRequest {
  /**
   * URL path.
   * @example '/api/models'
   */
  path: string;
  /** Status the answer must have. Left out: any below 400. */
  status?: number;
  /** Text that the body of the answer must contain. */
  contains?: string;
}

/** A file or folder of the app that the program needs. */
export interface VerifyResource {
  /**
   * File or folder, relative to the project.
   * @example 'build/tools'
   */
  from: string;
  /**
   * Where it is in the app, relative to its resources folder. Left out: its own name.
   * @example 'tools'
   */
  to?: string;
}

/** What is checked of the frozen program during the build. */
export interface VerifyConfig {
  /**
   * Start the frozen program, wait until it is ready, stop it and look for leftovers.
   * @defaultValue true
   */
  run?: boolean;
  /**
   * Modules that must be importable inside the frozen program.
   * @defaultValue []
   * @example ['services.billing']
   */
  imports?: readonly string[];
  /**
   * Files that must be inside the bundle, relative to its data root.
   * @defaultValue []
   * @example ['config/defaults.json']
   */
  files?: readonly string[];
  /**
   * Requests that must succeed besides `ready.http`: URL paths, or objects that say more.
   * @defaultValue []
   * @example ['/api/models']
   */
  http?: readonly (string | VerifyRequest)[];
  /**
   * Arguments of the check run of a `job`, which must then end with exit code 0. Left out: what it imports when it starts must be
   * in the bundle, and where the code shows that its first act is to parse its arguments (argparse, click, typer, docopt, cyclopts),
   * it is run with `--help` (or `--version`). That proves that it starts, not that it can do its work. Otherwise it is not run, since it
   * might do its work. (That of a hand-written spec is run, without arguments.) `{bundle}`, `{resources}` and `{userData}` are the folders of
   * `run.args`.
   * @example ['--help']
   */
  args?: readonly string[];
  /**
   * Files and folders of the app's resources that the program needs (`run: { env: { TOOL: '{resources}/tool' } }`): copied to where the
   * check run looks for them. A text is a path of the project, and lies in the resources folder under its own name.
   * @defaultValue []
   * @example ['build/tool', { from: 'build/models', to: 'models' }]
   */
  resources?: readonly (string | VerifyResource)[];
  /**
   * Largest allowed bundle: a number of bytes, or a text with a unit.
   * @example '500 MB'
   */
  maxSize?: number | string;
  /**
   * Milliseconds within which the frozen program must be ready.
   * @example 5000
   */
  startWithinMs?: number;
  /**
   * Linux: highest glibc version the bundle may need.
   * @example '2.28'
   */
  glibc?: string;
}

/** The key `verify`. */
export const verifySchema: z.ZodType<false | VerifyConfig, false | VerifyConfig> = inWords(
  z.union([
    z.literal(false),
    group<VerifyConfig>('VerifyConfig')({
      run: flag.optional(),
      imports: list(moduleName).optional(),
      files: texts.optional(),
      http: list(
        z.union([
          urlPath,
          group<VerifyRequest>('VerifyRequest')({
            path: urlPath,
            status: httpStatus.optional(),
            contains: text.optional(),
          }),
        ]),
      ).optional(),
      args: texts.optional(),
      resources: list(
        inWords(
          z.union([
            filePath,
            group<VerifyResource>('VerifyResource')({
              from: filePath,
              to: inWords(
                z.string().regex(/^(?!\/|\\|[A-Za-z]:)(?!(?:.*[\\/])?\.\.(?:[\\/]|$)).+$/s),
                "a path inside the resources folder such as 'tools' (not absolute, no '..')",
              ).optional(),
            }),
          ]),
          "a path of the project, or { from: 'build/tools', to: 'tools' }",
        ),
      ).optional(),
      maxSize: size.optional(),
      startWithinMs: positiveMilliseconds.optional(),
      glibc: inWords(z.string().regex(/^2\.\d{1,3}$/), "a glibc version such as '2.28'").optional(),
    }),
  ]),
  "false, or an object such as { imports: ['services.billing'], maxSize: '500 MB' }",
);
