import * as z from 'zod';
import { group, inWords, list } from './group.js';
import {
  count,
  flag,
  httpStatus,
  milliseconds,
  pattern,
  positiveCount,
  positiveMilliseconds,
  size,
  urlPath,
} from './values.js';

/** When the backend counts as ready. Everything that is set must hold. */
export interface ReadyConfig {
  /**
   * URL path that must answer with a status below 400, or one of `status`.
   * @example '/api/health'
   */
  http?: string;
  /**
   * Status of the answer to `http`, or several: for a server that asks everybody who they are. `health` goes by it too where it asks
   * the same path. Left out: any below 400.
   * @example 401
   */
  status?: number | readonly number[];
  /**
   * Enough that a connection to `address.port` is taken: for servers that speak something else than HTTP (WebSockets alone, gRPC,
   * XML-RPC, an own protocol).
   */
  connect?: true;
  /**
   * Wait until the companion says that the backend serves. Left out: yes where the companion serves (`asgi`, `wsgi`) or
   * the backend announces its address, no elsewhere.
   */
  announce?: boolean;
  /**
   * Regular expression that one line of output must match.
   * @example 'Uvicorn running on'
   */
  log?: string;
  /**
   * Milliseconds until a start counts as failed. The backend can ask for more with `electron_pyinstaller.extend()`.
   * @defaultValue 90000
   */
  timeoutMs?: number;
  /**
   * Milliseconds until the event `slow-start` is emitted.
   * @defaultValue 10000
   */
  slowAfterMs?: number;
}

/** Asking a ready backend from time to time whether it still answers. */
export interface HealthConfig {
  /**
   * URL path that must answer with a status below 400. Left out: `ready.http`, else the companion's own.
   * @example '/api/health'
   */
  http?: string;
  /**
   * Milliseconds between two questions.
   * @defaultValue 10000
   */
  intervalMs?: number;
  /**
   * Milliseconds an answer may take.
   * @defaultValue 5000
   */
  timeoutMs?: number;
  /**
   * Bad answers in a row until the backend counts as degraded.
   * @defaultValue 3
   */
  failures?: number;
  /**
   * What happens to a degraded backend. `report`: the event `unhealthy`. `restart`: it is stopped and started again.
   * @defaultValue 'report'
   */
  onUnhealthy?: 'report' | 'restart';
}

/** Automatic restarts after a crash. */
export interface RestartConfig {
  /**
   * Restarts allowed within `windowMs`; one more and the backend has failed.
   * @defaultValue 4
   */
  max?: number;
  /**
   * Milliseconds of the sliding window in which restarts are counted.
   * @defaultValue 180000
   */
  windowMs?: number;
  /**
   * Milliseconds before the first restart.
   * @defaultValue 500
   */
  delayMs?: number;
  /**
   * Each further delay is longer by this factor.
   * @defaultValue 2
   */
  factor?: number;
  /**
   * Milliseconds a delay is never longer than.
   * @defaultValue 30000
   */
  maxDelayMs?: number;
  /**
   * Milliseconds of being ready after which the delay begins again at `delayMs`.
   * @defaultValue 60000
   */
  stableAfterMs?: number;
  /**
   * Failures in a row before the first ready after which the backend has failed.
   * @defaultValue 3
   */
  maxStartFailures?: number;
  /**
   * Exit codes after which the backend is never restarted.
   * @defaultValue [78]
   */
  never?: readonly number[];
  /**
   * Exit codes with which the backend asks to be restarted at once.
   * @defaultValue [75]
   */
  immediately?: readonly number[];
}

/** How long the steps of stopping may take; each ends as soon as the backend is gone. */
export interface StopConfig {
  /**
   * Milliseconds the backend has to end by itself after being asked.
   * @defaultValue 5000
   */
  graceMs?: number;
  /**
   * Milliseconds between the terminating and the killing signal.
   * @defaultValue 1500
   */
  terminateMs?: number;
  /**
   * Milliseconds waited after the killing signal.
   * @defaultValue 1000
   */
  killMs?: number;
  /**
   * URL path that is POSTed first, for backends that end that way.
   * @example '/shutdown'
   */
  http?: string;
}

/** What becomes of the backend's output. */
export interface LogsConfig {
  /**
   * Write it to `<name>.log` in the app's logs folder.
   * @defaultValue true
   */
  file?: boolean;
  /**
   * Files kept, the current one included.
   * @defaultValue 5
   */
  maxFiles?: number;
  /**
   * Size at which a new file is begun: a number of bytes, or a text with a unit.
   * @defaultValue '5 MiB'
   */
  maxSize?: number | string;
  /**
   * Lines kept in memory and attached to errors.
   * @defaultValue 200
   */
  ringLines?: number;
  /**
   * Regular expressions whose matches are replaced by `[redacted]`. The token always is.
   * @defaultValue []
   * @example ['sk-[A-Za-z0-9]{20,}']
   */
  redact?: readonly string[];
}

/** Who may talk to the backend. */
export interface AuthConfig {
  /**
   * Require the token of this launch on every request. The companion checks it where it serves; a program that serves by
   * itself compares the header `X-Electron-PyInstaller-Token` with `electron_pyinstaller.token()`.
   * @defaultValue true
   */
  token?: boolean;
}

const exitCodes = list(inWords(z.int().min(0).max(4_294_967_295), 'an exit code, a whole number from 0'));

/** The key `ready`. */
export const readySchema: z.ZodType<string | ReadyConfig, string | ReadyConfig> = inWords(
  z.union([
    urlPath,
    group<ReadyConfig>('ReadyConfig')({
      http: urlPath.optional(),
      status: inWords(
        z.union([httpStatus, list(httpStatus)]),
        'an HTTP status from 100 to 599, or a list of them such as [200, 401]',
      ).optional(),
      connect: z.literal(true).optional(),
      announce: flag.optional(),
      log: pattern.optional(),
      timeoutMs: positiveMilliseconds.optional(),
      slowAfterMs: positiveMilliseconds.optional(),
    }),
  ]),
  "a URL path such as '/api/health', or an object such as { http: '/api/health' }",
);

/** The key `health`. */
export const healthSchema: z.ZodType<string | false | HealthConfig, string | false | HealthConfig> = inWords(
  z.union([
    z.literal(false),
    urlPath,
    group<HealthConfig>('HealthConfig')({
      http: urlPath.optional(),
      intervalMs: positiveMilliseconds.optional(),
      timeoutMs: positiveMilliseconds.optional(),
      failures: positiveCount.optional(),
      onUnhealthy: z.enum(['report', 'restart']).optional(),
    }),
  ]),
  "false, a URL path such as '/api/health', or an object such as { http: '/api/health', intervalMs: 10000 }",
);

/** The key `restart`. */
export const restartSchema: z.ZodType<false | RestartConfig, false | RestartConfig> = inWords(
  z.union([
    z.literal(false),
    group<RestartConfig>('RestartConfig')({
      max: count.optional(),
      windowMs: positiveMilliseconds.optional(),
      delayMs: milliseconds.optional(),
      factor: inWords(z.number().min(1).max(100), 'a number from 1 to 100').optional(),
      maxDelayMs: milliseconds.optional(),
      stableAfterMs: milliseconds.optional(),
      maxStartFailures: positiveCount.optional(),
      never: exitCodes.optional(),
      immediately: exitCodes.optional(),
    }),
  ]),
  'false, or an object such as { max: 4, windowMs: 180000 }',
);

/** The group `stop`. */
export const stopSchema = group<StopConfig>('StopConfig')({
  graceMs: milliseconds.optional(),
  terminateMs: milliseconds.optional(),
  killMs: milliseconds.optional(),
  http: urlPath.optional(),
});

/** The group `logs`. */
export const logsSchema = group<LogsConfig>('LogsConfig')({
  file: flag.optional(),
  maxFiles: positiveCount.optional(),
  maxSize: size.optional(),
  ringLines: count.optional(),
  redact: list(pattern).optional(),
});

/** The group `auth`. */
export const authSchema = group<AuthConfig>('AuthConfig')({ token: flag.optional() });
