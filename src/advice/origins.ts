/** What a program was frozen from. Paths are relative to where imports start, with `/`. */
export interface ProgramOrigins {
  /** Modules that are left out on purpose (`excludes`). */
  readonly excludes: readonly string[];
  /** What the installed packages have at a path; null: nothing. */
  readonly installed: (relative: string) => OriginKind | null;
  /** What the sources have at a path, and how the configuration names it; null: nothing. */
  readonly source: (relative: string) => SourceOrigin | null;
  /** Who has a module; null: nobody. */
  readonly module: (dotted: string) => 'source' | 'installed' | null;
  /** Folder below the sources, for the configuration, from which a module could be imported; null: none. */
  readonly folderWith: (dotted: string) => string | null;
}

/** What is at a path. `code`: Python's, or a folder with nothing else in it; `folder`: one with other files too. */
export type OriginKind = 'code' | 'library' | 'data' | 'folder';

/** Something in the project's own sources. */
export interface SourceOrigin {
  readonly kind: OriginKind;
  /** Relative to the project, e.g. `backend/config/models.json`. */
  readonly from: string;
}
