/** Something that makes a bundle wrong although PyInstaller reported success, or a request that cannot be fulfilled. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Which rule found it. */
  readonly rule:
    | 'request'
    | 'hidden-import'
    | 'hook-import'
    | 'error-record'
    | 'invalid-module'
    | 'missing-import'
    | 'loaded-by-name'
    | 'hook-setting'
    | 'exclude-files'
    | 'program'
    | 'interpreter'
    | 'named-file'
    | 'bundle-path'
    | 'unused-requirement'
    | 'foreign-packages';
  /** One or two sentences: what is wrong, with the evidence. */
  readonly message: string;
  /** The edit or command that fixes it. */
  readonly fix: string;
}
