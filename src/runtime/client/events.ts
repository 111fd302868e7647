import { readEventStream } from '../talk/sse.js';
import type { ServerSentEvent } from '../talk/sse.js';
import type { ClientTarget } from './through.js';

/** A server-sent event whose `data` is what the API describes. */
export interface DescribedEvent<Data> extends Omit<ServerSentEvent, 'data'> {
  readonly data: Data;
}

/** Parameters of a route that answers GET. */
type ParametersOf<Paths, Path> = Path extends keyof Paths
  ? Paths[Path] extends { readonly get: { readonly parameters: infer Parameters } }
    ? Pick<Parameters, Extract<'path' | 'query', keyof Parameters>>
    : never
  : never;

/** What a stream is asked with. */
export interface EventOptions<Parameters> {
  readonly params?: Parameters;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
}

/** Reads a stream of server-sent events. */
export type EventReader<Paths, Events> = <Path extends keyof Events & string>(
  path: Path,
  options?: EventOptions<ParametersOf<Paths, Path>>,
) => AsyncGenerator<DescribedEvent<Events[Path]>, void>;

/**
 * Read streams of server-sent events with the types that their API describes: `data` is parsed. Does not connect again by itself.
 *
 * @param target - as for openapi-fetch; without `fetch` the global one
 * @example
 * ```ts
 * const events = eventReader<paths, events>(throughBackend(engine));
 * for await (const { data } of events('/api/progress', { params: { query: { job: 7 } } })) console.log(data.percent);
 * ```
 */
export function eventReader<Paths, Events>(
  target: Pick<ClientTarget, 'baseUrl'> & Partial<ClientTarget>,
): EventReader<Paths, Events> {
  return async function* read<Path extends keyof Events & string>(
    path: Path,
    { params, headers, signal }: EventOptions<ParametersOf<Paths, Path>> = {},
  ): AsyncGenerator<DescribedEvent<Events[Path]>, void> {
    const url = `${target.baseUrl}${filled(path, params ?? {})}`;
    const request = new Request(url, {
      headers: { accept: 'text/event-stream', ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
    const response = await (target.fetch ?? globalThis.fetch)(request);
    const type = response.headers.get('content-type') ?? 'nothing';
    if (!response.ok || !type.startsWith('text/event-stream') || response.body === null) {
      await response.body?.cancel();
      throw new Error(
        `Reading events: GET ${path} answered ${response.status} with ${type}, which is no stream of events`,
      );
    }
    for await (const { data, ...event } of readEventStream(response.body as AsyncIterable<Uint8Array>))
      yield { ...event, data: JSON.parse(data) as Events[Path] };
  };
}

/** A path with its parameters in it. */
function filled(path: string, params: { readonly path?: unknown; readonly query?: unknown }): string {
  const inPath = (params.path ?? {}) as Record<string, string | number | boolean | undefined>;
  const route = path.replaceAll(/\{([^{}]+)\}/g, (_whole, name: string) => {
    const value = inPath[name];
    if (value === undefined) throw new TypeError(`GET ${path} needs params.path.${name}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params.query ?? {})) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined && one !== null) query.append(name, String(one));
    }
  }
  return query.size === 0 ? route : `${route}?${query.toString()}`;
}
