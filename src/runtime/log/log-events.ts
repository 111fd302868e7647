import type { Emitter } from '../emitter.js';
import type { BackendEvents } from '../events.js';
import type { LogSink } from './log-sink.js';

/** Write a backend's output and its life into its log. */
export function logEvents(events: Emitter<BackendEvents>, log: () => LogSink): void {
  events.on('log', ({ stream, line, progress }) => log().output(stream, line, progress));
  events.on('state', ({ prev, next, generation, reason }) =>
    log().remark('info', `${prev} -> ${next} (generation ${generation}): ${reason}`),
  );
  events.on('ready', ({ startupMs, url, socketPath, pid }) =>
    log().remark(
      'info',
      `ready after ${startupMs} ms at ${url ?? socketPath ?? 'its pipes'}, process ${pid ?? '?'}`,
    ),
  );
  events.on('slow-start', ({ elapsedMs, phase }) =>
    log().remark('warn', `still starting after ${elapsedMs} ms (phase: ${phase ?? '?'})`),
  );
  events.on('exit', ({ code, signal, expected }) =>
    log().remark(expected ? 'info' : 'warn', `ended with ${signal ?? `exit code ${code ?? '?'}`}`),
  );
  events.on('restarting', ({ attempt, max, delayMs, cause }) =>
    log().remark('warn', `restart ${attempt} of ${max} in ${delayMs} ms: ${cause.message}`),
  );
  events.on('failed', ({ error }) => log().remark('error', `${error.code}: ${error.message}`));
  events.on('unhealthy', ({ failures, lastError }) =>
    log().remark('warn', `does not answer (${failures} probes): ${lastError}`),
  );
  events.on('recovered', ({ downMs }) => log().remark('info', `answers again after ${downMs} ms`));
  events.on('stopped', ({ tookMs, forced }) =>
    log().remark('info', `stopped in ${tookMs} ms${forced ? ' by force' : ''}`),
  );
}
