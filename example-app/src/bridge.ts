/** What crosses the border between the main process and the page. Neither the token nor anything else secret does. */

/** The backend as the page shows it. */
export interface BackendView {
  readonly state: string;
  /** One sentence for people: what it is doing, or what went wrong. */
  readonly text: string;
  readonly url: string | null;
  readonly pid: number | null;
  readonly python: string | null;
  readonly startupMs: number | null;
  /** Automatic restarts since the app was started. */
  readonly restarts: number;
  readonly isPackaged: boolean;
}

/** One line of the backend's output. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** `window.backend` in the page. */
export interface BackendBridge {
  view(): Promise<BackendView>;
  recentLog(): Promise<readonly LogLine[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
  onView(listener: (view: BackendView) => void): void;
  onLog(listener: (line: LogLine) => void): void;
}

/** Names of the messages. */
export const channels = {
  view: 'backend:view',
  recentLog: 'backend:recent-log',
  start: 'backend:start',
  stop: 'backend:stop',
  restart: 'backend:restart',
  viewChanged: 'backend:view-changed',
  logLine: 'backend:log-line',
} as const;
