/** The backend's log on its way to the page. Everything else the page needs comes with electron-pyinstaller. */

/** One line of the backend's output. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** `window.backendLog` in the page. */
export interface LogBridge {
  /** The last lines, oldest first. */
  recent(): Promise<readonly LogLine[]>;
  onLine(listener: (line: LogLine) => void): void;
}

/** Names of the messages. */
export const channels = { recent: 'log:recent', line: 'log:line' } as const;
