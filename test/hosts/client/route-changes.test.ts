import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiDigest } from '../../../src/hosts/client/openapi.js';
import { changesText, routeChanges } from '../../../src/hosts/client/route-changes.js';

/** A document with one route that answers with a schema. */
function answering(schema: unknown, more: object = {}): Record<string, unknown> {
  const responses = { 200: { description: 'ok', content: { 'application/json': { schema } } } };
  return { openapi: '3.1.0', paths: { '/a': { get: { responses } } }, ...more };
}

function detailsOf(before: unknown, after: unknown): readonly string[] {
  return routeChanges(answering(before), answering(after)).flatMap(({ details }) => details);
}

test('new and removed routes are named', () => {
  const before = { paths: { '/a': { get: {} }, '/b': { get: {}, post: {} } } };
  const after = { paths: { '/b': { get: {} }, '/c/{id}': { put: {} } } };
  expect(changesText(routeChanges(before, after))).toBe(
    '  PUT /c/{id}: is new\n  GET /a: is gone\n  POST /b: is gone\n',
  );
});

test('fields are told by their place: added, removed, another type, no longer needed', () => {
  const was = {
    type: 'object',
    required: ['id', 'name'],
    properties: {
      id: { type: 'integer' },
      name: { type: 'string' },
      list: { type: 'array', items: { type: 'string' } },
    },
  };
  const is = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      title: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      list: { type: 'array', items: { type: 'integer' } },
      name: { type: 'string' },
    },
  };
  expect(detailsOf(was, is)).toEqual([
    '200: .id is string (uuid), was integer',
    '200: .title is new (string | null, optional)',
    '200: .list[] is integer, was string',
    '200: .name is string, optional, was string',
  ]);
});

test('enums, unions, parameters, bodies and files are compared', () => {
  const route = (parameter: unknown, body: unknown): Record<string, unknown> => ({
    paths: {
      '/a': { parameters: [parameter], post: { requestBody: { content: body }, responses: { 204: {} } } },
    },
  });
  const before = route(
    { in: 'query', name: 'order', schema: { enum: ['up'] } },
    { 'multipart/form-data': { schema: { properties: { file: { type: 'string', format: 'binary' } } } } },
  );
  const after = route(
    { in: 'query', name: 'order', required: true, schema: { enum: ['up', 'down'] } },
    { 'multipart/form-data': { schema: { properties: { picture: { type: 'string', format: 'binary' } } } } },
  );
  expect(routeChanges(before, after)).toEqual([
    {
      route: 'POST /a',
      details: [
        'body multipart/form-data: .file is gone',
        'query parameter order is "up" | "down", was "up", optional',
        'body multipart/form-data: .picture is new (string (binary), optional)',
      ],
    },
  ]);
});

test('a change in a schema is named at every route that leads to it, and a schema that refers to itself ends', () => {
  const components = (field: string): object => ({
    components: {
      schemas: {
        Node: {
          type: 'object',
          properties: { [field]: { type: 'string' }, next: { $ref: '#/components/schemas/Node' } },
        },
      },
    },
  });
  const node = { $ref: '#/components/schemas/Node' };
  expect(routeChanges(answering(node, components('a')), answering(node, components('b')))).toEqual([
    { route: 'GET /a', details: ['200: .a is gone', '200: .b is new (string, optional)'] },
    { route: 'schemas', details: ['Node is different'] },
  ]);
});

test('what is only a description is said to be that', () => {
  const route = (summary: string): object => ({ paths: { '/a': { get: { summary, responses: {} } } } });
  expect(routeChanges({ ...route('x') }, { ...route('y') })).toEqual([
    { route: 'GET /a', details: ['its description, name or references'] },
  ]);
});

test('title, version and servers of an API are no part of it, nor is the order of its keys', () => {
  const info = { info: { title: 'a', version: '1' }, servers: [{ url: '/' }] };
  const turned = { components: {}, ...answering({ type: 'string' }) };
  expect(apiDigest({ ...turned, ...info })).toBe(
    apiDigest(answering({ type: 'string' }, { components: {} })),
  );
  expect(apiDigest(answering({ type: 'string' }))).not.toBe(apiDigest(answering({ type: 'integer' })));
});

test('whatever the documents are: equal ones have no changes, and an API with another digest has some', () => {
  const schema = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        true,
        null,
        'text',
        {},
        { type: 'string' },
        { type: ['string', 'null'] },
        { enum: [1, 'a'] },
      ),
      fc
        .constantFrom('#/components/schemas/A', '#/components/schemas/B', '#/nowhere', 'other.json#/A')
        .map(($ref) => ({ $ref })),
      fc.record({
        type: fc.constant('object'),
        properties: fc.dictionary(fc.string(), tie('schema'), { maxKeys: 3 }),
      }),
      fc.record({ type: fc.constant('array'), items: tie('schema') }),
      fc.record({ anyOf: fc.array(tie('schema'), { maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie('schema'), { maxLength: 3 }) }),
      fc.record({ additionalProperties: tie('schema') }),
    ),
  })).schema;
  const api = fc
    .tuple(schema, schema, schema)
    .map(([first, A, B]) => answering(first, { components: { schemas: { A, B } } }));
  fc.assert(
    fc.property(api, api, (before, after) => {
      expect(routeChanges(before, structuredClone(before))).toEqual([]);
      if (apiDigest(before) !== apiDigest(after)) expect(routeChanges(before, after)).not.toEqual([]);
    }),
  );
});
