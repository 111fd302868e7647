import * as z from 'zod';
import { inWords, list } from './group.js';

/** The longest delay a timer of Node can hold; a longer one would fire at once. */
const longestTimerMs = 2_147_483_647;

/** A text that is not empty. */
export const text = inWords(z.string().min(1), 'a text that is not empty');

/** A list of texts. */
export const texts = list(text);

/** Milliseconds. */
export const milliseconds = inWords(
  z.int().min(0).max(longestTimerMs),
  'a whole number of milliseconds, 0 or more',
);

/** Milliseconds, at least one. */
export const positiveMilliseconds = inWords(
  z.int().min(1).max(longestTimerMs),
  'a whole number of milliseconds, 1 or more',
);

/** A number of things. */
export const count = inWords(z.int().min(0).max(1_000_000), 'a whole number, 0 or more');

/** A number of things, at least one. */
export const positiveCount = inWords(z.int().min(1).max(1_000_000), 'a whole number, 1 or more');

/** Yes or no. */
export const flag = z.boolean();

/** Path of a file or folder; relative to the project. */
export const filePath = inWords(z.string().min(1), 'a path, relative to the project');

/** A number of bytes, or a size with its unit. */
export const size = inWords(
  z.union([z.int().min(0), z.string().regex(/^\s*\d{1,12}(\.\d{1,6})?\s*([kKmMgGtT]i?)?[bB]\s*$/)]),
  "a number of bytes or a size such as '500 MB' (1000s) or '500 MiB' (1024s)",
);

/** Path part of a URL. */
export const urlPath = inWords(z.string().regex(/^\/[^\s#]*$/), "a URL path such as '/api/health'");

/** Texts by name. */
export const textRecord = inWords(
  z.record(z.string().min(1), z.string()),
  "an object of texts, such as { NAME: 'value' }",
);

function isRegularExpression(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Source of a JavaScript regular expression. */
export const pattern = inWords(
  z.string().min(1).refine(isRegularExpression),
  "a regular expression as text, such as 'listening on port [0-9]+'",
);

const identifier = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
/** Source of a regular expression: dotted attributes. */
const dottedName = `${identifier}(?:\\.${identifier})*`;

/** A part of a module's name: `import_module` also takes what no `import` statement can say (`my-plugin`, `0001_initial`). */
const modulePart = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?`;
/** Source of a regular expression: a dotted name under which Python can import a file. */
export const dottedModule = `${modulePart}(?:\\.${modulePart})*`;

/** A dotted Python module name. */
export const moduleName = inWords(
  z.string().regex(new RegExp(`^${dottedModule}$`, 'u')),
  "a dotted Python module name such as 'services.billing'",
);

/** A dotted module name, or a pattern for the modules below it. */
export const modulePattern = inWords(
  z.string().regex(new RegExp(`^${dottedModule}(?:\\.\\*{1,2})?$`, 'u')),
  "a dotted Python module name such as 'services.billing', 'services.*' (its direct modules) or 'services.**' (all below it)",
);

/** `module:attribute`. */
export const moduleAttribute = inWords(
  z.string().regex(new RegExp(`^${dottedModule}:${dottedName}$`, 'u')),
  "'<module>:<attribute>', such as 'main:app'",
);

/** Name of a distribution, as on PyPI. */
export const distributionName = inWords(
  z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/),
  "the name of an installed distribution such as 'python-dateutil'",
);

/** A status of HTTP. */
export const httpStatus = inWords(z.int().min(100).max(599), 'an HTTP status from 100 to 599');
