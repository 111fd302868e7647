/** Something a preset asks for; the same kinds as in the configuration. */
export interface PresetRequest {
  readonly kind: 'import' | 'submodules' | 'data' | 'binaries' | 'all' | 'metadata' | 'entryPoints';
  readonly name: string;
}

/** What a switched-on preset adds to a freeze. */
export interface PresetAddition {
  readonly name: string;
  readonly requests: readonly PresetRequest[];
  readonly excludes?: readonly string[];
  readonly moduleCollectionMode?: Readonly<Record<string, string>>;
}
