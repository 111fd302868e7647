import { canonicalJson } from '../../lib/canonical.js';
import { asRecord } from '../../lib/files.js';
import { sha256 } from '../../lib/hash.js';

/** An OpenAPI document, version 3. What is inside is looked at piece by piece: any server may have written it. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/**
 * Digest of what types are made of. The title, the version and the addresses of an API are no part of it, nor is the order
 * in which things are written.
 */
export function apiDigest({ paths, components, webhooks }: OpenApiDocument): string {
  return sha256(canonicalJson({ paths, components, webhooks }));
}

/** Follow `$ref`s inside the document to what they name; what leads nowhere is an empty object. Names of the references passed are added. */
export function resolved(
  document: OpenApiDocument,
  value: unknown,
  passed: string[] = [],
): Readonly<Record<string, unknown>> {
  let found = asRecord(value);
  while (typeof found?.['$ref'] === 'string') {
    const reference = found['$ref'];
    if (passed.includes(reference)) return {};
    passed.push(reference);
    found = asRecord(at(document, reference));
  }
  return found ?? {};
}

/** What a JSON pointer such as `#/components/schemas/Model` names. */
function at(document: OpenApiDocument, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let found: unknown = document;
  for (const part of reference.slice(2).split('/')) {
    const record = asRecord(found);
    const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (record === null || !Object.hasOwn(record, key)) return undefined;
    found = record[key];
  }
  return found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** One operation of an API. */
export interface Route {
  /** Such as `GET /api/models/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Readonly<Record<string, unknown>>;
  /** Those of the path and of the operation. */
  readonly parameters: readonly unknown[];
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** All operations, in the order of the document. */
export function routesOf(document: OpenApiDocument): Route[] {
  return Object.entries(asRecord(document['paths']) ?? {}).flatMap(([path, value]) => {
    const item = resolved(document, value);
    const common = listOf(item['parameters']);
    return methods.flatMap((method) => {
      const operation = asRecord(item[method]);
      if (operation === null) return [];
      const parameters = [...common, ...listOf(operation['parameters'])];
      return [{ name: `${method.toUpperCase()} ${path}`, method, path, operation, parameters }];
    });
  });
}

/** A value as a list; empty when it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
