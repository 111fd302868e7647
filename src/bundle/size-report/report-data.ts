/** What the page of the size report carries for its script, as JSON. */
export interface ReportData {
  readonly backend: string;
  /** Names of the kinds of parts, for people. */
  readonly kinds: readonly string[];
  readonly owners: readonly { readonly title: string }[];
  /** [index of the owner, path, bytes, index of the kind]. */
  readonly parts: readonly (readonly [owner: number, path: string, bytes: number, kind: number])[];
}
