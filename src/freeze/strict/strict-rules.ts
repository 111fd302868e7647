/** For the documentation: what fails a build although PyInstaller reports success, and how it is allowed. */
export const strictRules: readonly {
  readonly rule: string;
  readonly what: string;
  readonly allow: string;
}[] = [
  {
    rule: 'hidden-import',
    what: 'An entry of `hiddenImports` is not in the bundle (typo, not installed, not below `source`).',
    allow: "`{ name: 'x', optional: true }`",
  },
  {
    rule: 'request',
    what: 'A pattern (`x.*`, `x.**`) or an entry of `collect` yields nothing; a distribution whose metadata is wanted is not installed.',
    allow: "`{ name: 'x.*', optional: true }`",
  },
  {
    rule: 'loaded-by-name',
    what: 'Code loads modules by name (`import_module(f"services.{name}")`, `pkgutil.iter_modules(…)`, tables of names), and a module that it may mean is not in the bundle.',
    allow: "`hiddenImports: ['services.*']`, or `excludes: ['services.x']` for one that is never loaded",
  },
  {
    rule: 'invalid-module',
    what: 'A module that first-party code imports has a syntax error.',
    allow: 'repair it; `excludes` when it is never imported',
  },
  {
    rule: 'missing-import',
    what: 'The entry module imports something at its top that is not installed. (Elsewhere this is a warning.)',
    allow: 'add it to the requirements; `excludes` when the line is never reached',
  },
  {
    rule: 'hook-import',
    what: 'A hook of the project (`pyinstaller.hooks`) asks for a module that does not exist.',
    allow: 'correct the hook',
  },
  {
    rule: 'hook-setting',
    what: '`pyinstaller.hooksConfig` sets something that no hook reads.',
    allow: 'correct or remove it',
  },
  {
    rule: 'exclude-files',
    what: 'A pattern of `pyinstaller.excludeFiles` fits nothing that was collected.',
    allow: 'correct or remove it; for one platform only, set it there',
  },
  {
    rule: 'error-record',
    what: 'PyInstaller logged an error and went on.',
    allow: 'nothing: read the log',
  },
  {
    rule: 'program',
    what: 'There is no program in the output (a spec without EXE, or a virus scanner took it).',
    allow: 'nothing',
  },
  {
    rule: 'spec-keyword',
    what: 'A hand-written spec passes a parameter that PyInstaller does not have, such as `EXE(onefile=True)`.',
    allow: 'correct the spec',
  },
];
