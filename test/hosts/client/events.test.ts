import { expect, test } from 'vitest';
import { eventRoutes } from '../../../src/hosts/client/events.js';

const tick = { $ref: '#/components/schemas/Tick' };

function streaming(data: unknown, status = '200'): Record<string, unknown> {
  const itemSchema = { type: 'object', properties: { data, event: { type: 'string' } } };
  const responses = { [status]: { content: { 'text/event-stream': { itemSchema } } } };
  return { paths: { '/ticks': { get: { responses } } } };
}

test('the JSON in the data of an event is what the document says it is', () => {
  const json = { type: 'string', contentMediaType: 'application/json', contentSchema: tick };
  expect(eventRoutes(streaming(json))).toEqual([['/ticks', tick]]);
  expect(eventRoutes(streaming({ type: 'string', contentSchema: tick }, '2XX'))).toEqual([['/ticks', tick]]);
});

test('a stream whose data is no JSON, is not described, or is an error has no type', () => {
  expect(eventRoutes(streaming({ type: 'string' }))).toEqual([]);
  expect(
    eventRoutes(streaming({ type: 'string', contentMediaType: 'text/html', contentSchema: tick })),
  ).toEqual([]);
  expect(eventRoutes(streaming({ contentSchema: tick }, '404'))).toEqual([]);
  expect(
    eventRoutes({
      paths: {
        '/a': { get: { responses: { 200: { content: { 'text/event-stream': { schema: tick } } } } } },
      },
    }),
  ).toEqual([]);
});
