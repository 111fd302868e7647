/**
 * What the engine tells its host while it works. The engine never prints: Forge turns these into task titles,
 * electron-builder into log lines, the CLI into a live line or JSON.
 */
export type EngineEvent =
  | {
      /** A new step began. */
      readonly type: 'stage';
      readonly backend: string;
      /** Short identifier, e.g. `probe`, `environment`, `analyze`, `collect`, `verify`. */
      readonly stage: string;
      /** One line for people, e.g. `Analyzing main.py`. */
      readonly title: string;
      /** Milliseconds since this backend's work began. */
      readonly elapsedMs: number;
      /** Expected total in milliseconds, from the last run with similar inputs; absent when unknown. */
      readonly estimateMs?: number;
    }
  | {
      /** Detail of the running step: one line of a subprocess, or a heartbeat in a silent stretch. */
      readonly type: 'detail';
      readonly backend: string;
      readonly text: string;
      readonly elapsedMs: number;
    }
  | {
      /** Something a person should read although the build goes on. */
      readonly type: 'warning';
      readonly backend: string;
      readonly message: string;
    }
  | {
      /** The backend is ready to be placed. */
      readonly type: 'done';
      readonly backend: string;
      /** True: taken from the cache, PyInstaller was not started. */
      readonly cached: boolean;
      readonly elapsedMs: number;
      readonly sizeBytes: number;
      readonly fileCount: number;
      /** One line for people, e.g. `engine: frozen in 21 s (46 MB, 70 files)`. */
      readonly summary: string;
    };

/** Receives {@link EngineEvent}s. Must not throw. */
export type Report = (event: EngineEvent) => void;

/** What every longer piece of work is given. */
export interface WorkOptions {
  /** Cache folder, absolute. */
  readonly cacheDir: string;
  /** Receives progress. */
  readonly report?: Report | undefined;
  /** Cancels: child processes are stopped, nothing half made stays, the promise rejects with `ERR_CANCELLED`. */
  readonly signal?: AbortSignal | undefined;
}
