import { standardLibraryModules } from '../lib/standard-library.js';
import { normalizeName } from '../lib/text.js';
import { failureRows } from '../runtime/life/failure-rows.js';
import { knownDistributionOf } from './distribution-names.js';
import type { AdviceContext, AdviceRow } from './row.js';

/** A module that the program imports and does not have. */
export const missingModule: AdviceRow = {
  ...failureRows['missing-module'],
  edit: ([module = ''], context) => moduleEdit(module, context),
  id: 'missing-module',
  title: 'A module is missing',
  at: ['verify', 'run'],
  example: "ModuleNotFoundError: No module named 'services.training'",
};

/** What to do that a module is there. What is advised is found by the next build, as far as it is known what there is. */
function moduleEdit(module: string, context: AdviceContext): string {
  const { installed, origins, add, packageOf, place } = context;
  const hidden = add(`hiddenImports: ['${module}']`);
  if (origins === undefined) {
    const distribution = knownDistributionOf(module);
    if (installed === undefined || distribution === null)
      return failureRows['missing-module'].edit([module], context);
    return installed.has(normalizeName(distribution))
      ? hidden
      : `Add ${packageOf(module)} to the requirements.`;
  }
  const excluded = origins.excludes.find((name) => module === name || module.startsWith(`${name}.`));
  if (excluded !== undefined) return `The program needs it: take '${excluded}' out of \`${place}.excludes\`.`;
  if (origins.module(module) !== null) return hidden;
  const folder = origins.folderWith(module);
  if (folder !== null) return add(`pyinstaller: { paths: ['${folder}'] }, hiddenImports: ['${module}']`);
  const top = module.split('.')[0] ?? module;
  const parent = module === top ? null : origins.module(top);
  switch (parent) {
    case 'source':
      return `Correct the name where it is imported: ${top} is in the sources, and has no ${module}.`;
    case 'installed':
      return `The installed ${top} has no ${module}: pin ${packageOf(module)} in the requirements to a version that has it, or add the package that brings it.`;
    case null:
      return `Add ${packageOf(module)} to the requirements.`;
    default:
      return parent satisfies never;
  }
}

/** A name that a module does not have, in a module of the standard library. */
export const standardLibraryName: AdviceRow = {
  id: 'standard-library-name',
  title: 'A module has the name of one of the standard library',
  at: ['verify', 'build'],
  example: "ImportError: cannot import name 'Job' from 'queue' (/opt/app/_internal/queue.pyc)",
  pattern:
    /cannot import name '\w+' from (?:partially initialized module )?'(\w+)'|module '(\w+)' has no attribute '\w+'/,
  fits: ([module = '']) => standardLibraryModules.has(module),
  cause: ([module = ''], context) => {
    const own = ownModule(module, context);
    return own === null
      ? `The standard library's ${module} does not have this name: a module of your own called ${module} is hidden by it (or hides it), or a package is for another version of Python.`
      : `${own} has the name of a module of the standard library: whoever imports ${module} may get the other one.`;
  },
  edit: ([module = ''], context) => {
    const own = ownModule(module, context);
    const rename = `Rename ${own ?? `your own ${module}.py`}, and what imports it.`;
    const other = `Use a newer release of the package that asks for it, or another Python (\`python.version\`).`;
    if (own !== null) return rename;
    return context.origins === undefined ? `${rename} When there is none: ${other}` : other;
  },
};

function ownModule(module: string, { origins }: AdviceContext): string | null {
  const found = [`${module}.py`, `${module}/__init__.py`].map((file) => origins?.source(file) ?? null);
  return found.find((own) => own !== null)?.from ?? null;
}

/** A name that a module does not have. */
export const missingName: AdviceRow = {
  id: 'missing-name',
  title: 'A name cannot be imported',
  at: ['verify', 'build'],
  example: "ImportError: cannot import name 'lora' from 'connectors' (/b/_internal/connectors/__init__.pyc)",
  pattern: /ImportError: cannot import name '(\w+)' from '([\w.]+)'(?: \(([^)\n]*)\))?/,
  cause: ([name = '', module = '', file], context) =>
    isModule(name, module, file, context) === false
      ? `The module ${module} has no ${name}: it is of another version than the package that imports it expects, or two modules import each other.`
      : `${module}.${name} is a module that nothing imports by its full name, so it was not collected; or ${module} is of a version without ${name}.`,
  edit: ([name = '', module = '', file], context) => {
    const { add, packageOf, origins } = context;
    const pin = `pin ${packageOf(module)} in the requirements to a version that has ${name}.`;
    const hidden = add(`hiddenImports: ['${module}.${name}']`);
    const isOne = isModule(name, module, file, context);
    if (isOne !== false) return isOne === true ? hidden : `${hidden} When it is no module, ${pin}`;
    return origins?.module(module) === 'source'
      ? `Correct the import: ${module} has no ${name}. When it has, two modules import each other: import one of them inside a function.`
      : `For a package, ${pin} For a module of your own, correct the import.`;
  },
};

/** Whether a name of a module is a module itself; null: not known. */
function isModule(
  name: string,
  module: string,
  file: string | undefined,
  { origins }: AdviceContext,
): boolean | null {
  // What is one file can have no modules inside.
  if (file !== undefined && /\.\w+$/.test(file) && !/__init__\.\w+$/.test(file)) return false;
  return origins === undefined ? null : origins.module(`${module}.${name}`) !== null;
}
