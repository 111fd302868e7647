import { expect, test } from 'vitest';
import { readDocument } from '../../src/verify/api-document.js';

test('a document of OpenAPI 3 is taken', () => {
  const document = { openapi: '3.0.2', paths: {} };
  expect(readDocument('/o.json', 200, JSON.stringify(document))).toEqual({ document });
});

test.each([
  [
    404,
    '{"detail":"Not Found"}',
    'GET /o.json answered 404 with "{\\"detail\\":\\"Not Found\\"}", which is no OpenAPI document',
  ],
  [200, '<html>', 'GET /o.json answered 200 with "<html>", which is no OpenAPI document'],
  [200, '[]', 'GET /o.json answered 200 with "[]", which is no OpenAPI document'],
  [
    200,
    '{"swagger":"2.0"}',
    'GET /o.json answered 200 with a document of Swagger "2.0"; types are made of OpenAPI 3',
  ],
  [200, '{"openapi":"4.0"}', 'GET /o.json answered 200 with a document of 4.0; types are made of OpenAPI 3'],
  [200, '{"openapi":"3.1.0"}', 'GET /o.json answered 200 with a document without paths'],
])('an answer %i with %s is none, and it is said why', (status, body, seen) => {
  expect(readDocument('/o.json', status, body)).toEqual({ seen });
});
