import { isBackendError, type Backend } from '../runtime/index.js';
import type { RecentOutput } from './recent-output.js';
import type { Subject } from './subject.js';
import { describeBackendError, requestsError, type FailedRequest } from './verify-error.js';

/** Milliseconds for one request of `verify.http`. */
const requestTimeoutMs = 30_000;
/** Milliseconds for the requests after one that was not answered in time: most likely none will be. */
const laterTimeoutMs = 5000;
/** Milliseconds that the traceback of an answer with a status of 500 or above is waited for. */
const tracebackMs = 1500;

type ExpectedRequest = Subject['expected']['http'][number];

/**
 * Ask all of `verify.http`, also after one failed; a backend that a request ended is started again for the rest.
 *
 * @throws PyInstallerError `ERR_VERIFY` with every request that failed, each with its cause.
 */
export async function checkRequests(
  subject: Subject,
  backend: Backend,
  output: RecentOutput,
  signal: AbortSignal | undefined,
): Promise<void> {
  const failed: FailedRequest[] = [];
  let timeoutMs = requestTimeoutMs;
  for (const request of subject.expected.http) {
    const mark = output.mark();
    const seen = await ask(backend, request, timeoutMs, signal);
    if (seen === null) continue;
    if (seen.timedOut) timeoutMs = laterTimeoutMs;
    if (seen.mayPrint) await output.traceback(mark, { patienceMs: tracebackMs, signal });
    signal?.throwIfAborted();
    failed.push({
      request: `GET ${request.path}`,
      // That the connection broke is known before that the program ended, and how.
      seen: seen.cause === undefined ? seen.text : (describeEnd(request.path, backend) ?? seen.text),
      body: seen.body,
      output: output.since(mark),
      cause: seen.cause,
    });
  }
  if (failed.length > 0) throw requestsError(subject, failed, output.lines);
}

function describeEnd(path: string, backend: Backend): string | null {
  const { error } = backend.status();
  return error === null ? null : `GET ${path} failed: ${describeBackendError(error)}`;
}

interface Seen {
  readonly text: string;
  readonly body: string;
  readonly timedOut: boolean;
  /** The program may be printing why. */
  readonly mayPrint: boolean;
  readonly cause?: unknown;
}

/** Ask one request; null: it was answered as expected. */
async function ask(
  backend: Backend,
  { path, status, contains }: ExpectedRequest,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Seen | null> {
  const deadline = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let body: string;
  try {
    // A request before it may have ended it.
    await backend.start({ signal });
    response = await backend.fetch(path, {
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    body = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    const timedOut = deadline.aborted;
    const text = timedOut
      ? `GET ${path} was not answered within ${timeoutMs / 1000} s.`
      : `GET ${path} failed: ${isBackendError(error) ? describeBackendError(error) : String(error)}`;
    return { text, body: '', timedOut, mayPrint: !timedOut, cause: error };
  }
  const isExpected = status === null ? response.status < 400 : response.status === status;
  const wanted = isExpected
    ? contains === null || body.includes(contains)
      ? null
      : `a body with ${JSON.stringify(contains)}`
    : status === null
      ? 'a status below 400'
      : `status ${status}`;
  if (wanted === null) return null;
  const text = `GET ${path} answered ${response.status} with ${JSON.stringify(body.slice(0, 200))}; expected was ${wanted}.`;
  return { text, body, timedOut: false, mayPrint: response.status >= 500 };
}
