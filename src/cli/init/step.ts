/** One thing that `init` does or asks for. Files relative to the project. */
export type Step =
  | {
      readonly type: 'write';
      readonly file: string;
      readonly text: string;
      /** What stands there now; null: the file is new. */
      readonly before: string | null;
      readonly why: string;
    }
  | { readonly type: 'manual'; readonly file: string; readonly lines: string; readonly why: string }
  /** Lines that are not needed any more; a person takes them out. */
  | {
      readonly type: 'replace';
      readonly file: string;
      readonly why: string;
      readonly items: readonly {
        readonly line: number | null;
        readonly text: string;
        readonly instead: string;
      }[];
    }
  | { readonly type: 'note'; readonly text: string };
