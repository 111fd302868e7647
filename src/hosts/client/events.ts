import { asRecord } from '../../lib/files.js';
import { resolved, routesOf, type OpenApiDocument } from './openapi.js';

/** The media type of server-sent events. */
const eventStream = 'text/event-stream';

/**
 * What the schema of a stream (`itemSchema`, as OpenAPI 3.2 has it and FastAPI writes it) says of the JSON in the `data` of
 * one event. Undefined: it says nothing, or `data` is no JSON.
 */
export function eventData(document: OpenApiDocument, media: unknown): unknown {
  const item = resolved(document, asRecord(media)?.['itemSchema']);
  const data = resolved(document, asRecord(item['properties'])?.['data']);
  const { contentMediaType = 'application/json', contentSchema } = data;
  return contentMediaType === 'application/json' ? contentSchema : undefined;
}

/** Of each route that answers GET with events whose `data` the document describes: path and schema. */
export function eventRoutes(document: OpenApiDocument): (readonly [path: string, schema: unknown])[] {
  return routesOf(document).flatMap(({ method, path, operation }) => {
    if (method !== 'get') return [];
    for (const [status, response] of Object.entries(asRecord(operation['responses']) ?? {})) {
      if (!status.startsWith('2') && status !== 'default') continue;
      const content = asRecord(resolved(document, response)['content']);
      const schema = eventData(document, content?.[eventStream]);
      if (schema !== undefined) return [[path, schema] as const];
    }
    return [];
  });
}
