import type { Emitter } from '../emitter.js';
import type { BackendEvents } from '../events.js';
import type { LogSink } from './log-sink.js';

/** Write a backend's output and its life into its log. */
export function logEvents(events: Emitter<BackendEvents>, log: () => LogSink): void {
  const remark: LogSink['note'] = (level, text) => log().note(level, text);
  events.on('log', ({ stream, line, progress }) => log().output(stream, line, progress));
  events.on('state', ({ prev, next, generation, reason }) =>
    remark('info', `${prev} -> ${next} (generation ${generation}): ${reason}`),
  );
  events.on('ready', ({ startupMs, url, socketPath, pid }) =>
    remark(
      'info',
      `ready after ${startupMs} ms at ${url ?? socketPath ?? 'its pipes'}, process ${pid ?? '?'}`,
    ),
  );
  events.on('slow-start', ({ elapsedMs, phase }) =>
    remark('warn', `still starting after ${elapsedMs} ms (phase: ${phase ?? '?'})`),
  );
  events.on('exit', ({ code, signal, expected }) =>
    remark(expected ? 'info' : 'warn', `ended with ${signal ?? `exit code ${code ?? '?'}`}`),
  );
  events.on('restarting', ({ attempt, max, delayMs, cause }) =>
    remark('warn', `restart ${attempt} of ${max} in ${delayMs} ms: ${cause.message}`),
  );
  events.on('failed', ({ error }) => remark('error', `${error.code}: ${error.message}`));
  events.on('unhealthy', ({ failures, lastError }) =>
    remark('warn', `does not answer (${failures} probes): ${lastError}`),
  );
  events.on('recovered', ({ downMs }) => remark('info', `answers again after ${downMs} ms`));
  events.on('stopped', ({ tookMs, forced }) =>
    remark('info', `stopped in ${tookMs} ms${forced ? ' by force' : ''}`),
  );
}
