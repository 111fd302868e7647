/** The page asks the main process for a file for support. */

/** `window.diagnostics` in the page. */
export interface DiagnosticsBridge {
  /** Ask the user where to, and save. Resolves with the file's path; null: cancelled. Rejects when it cannot be written. */
  save(): Promise<string | null>;
}

/** Name of the message. */
export const saveDiagnostics = 'diagnostics:save';
