import { canonicalJson } from '../../lib/canonical.js';
import { asRecord } from '../../lib/files.js';
import { eventData } from './events.js';
import { listOf, resolved, routesOf, type OpenApiDocument, type Route } from './openapi.js';

/** What is different about one route. */
export interface RouteChange {
  /** Such as `GET /api/models/{id}`. */
  readonly route: string;
  /** Such as `200: .name is gone`. */
  readonly details: readonly string[];
}

/** What changed between two versions of an API, by route; what no route uses comes last, as `schemas`. */
export function routeChanges(before: OpenApiDocument, after: OpenApiDocument): RouteChange[] {
  const old = new Map(routesOf(before).map((route) => [route.name, route]));
  const now = new Map(routesOf(after).map((route) => [route.name, route]));
  const changes: RouteChange[] = [];
  for (const [name, route] of now) {
    const previous = old.get(name);
    if (previous === undefined) changes.push({ route: name, details: ['is new'] });
    else {
      const details = differences(factsOf(before, previous), factsOf(after, route));
      if (details.length > 0) changes.push({ route: name, details });
      else if (canonicalJson(previous.operation) !== canonicalJson(route.operation))
        changes.push({ route: name, details: ['its description, name or references'] });
    }
  }
  for (const name of old.keys()) if (!now.has(name)) changes.push({ route: name, details: ['is gone'] });
  const schemas = changedSchemas(before, after);
  if (schemas.length > 0) changes.push({ route: 'schemas', details: schemas });
  return changes;
}

/** The part of the document that types are made of besides routes, by name. */
function changedSchemas(before: OpenApiDocument, after: OpenApiDocument): string[] {
  const [old, now] = [before, after].map(
    (document) => asRecord(asRecord(document['components'])?.['schemas']) ?? {},
  );
  const names = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])];
  return names.flatMap((name) => {
    const [was, is] = [old?.[name], now?.[name]];
    if (was === undefined) return [`${name} is new`];
    if (is === undefined) return [`${name} is gone`];
    return canonicalJson(was) === canonicalJson(is) ? [] : [`${name} is different`];
  });
}

/** Places of a route with what is there: `200: .name` → `string`. */
type Facts = ReadonlyMap<string, string>;

function differences(before: Facts, after: Facts): string[] {
  const gone = [...before].filter(([place]) => !after.has(place)).map(([place]) => `${place} is gone`);
  const other = [...after].flatMap(([place, text]) => {
    const was = before.get(place);
    if (was === undefined) return [`${place} is new (${text})`];
    return was === text ? [] : [`${place} is ${text}, was ${was}`];
  });
  return [...gone, ...other];
}

/** Places looked at in one route: a schema may refer to itself in many ways. */
const mostFacts = 3000;

function factsOf(document: OpenApiDocument, { operation, parameters }: Route): Facts {
  const facts = new Map<string, string>();
  for (const value of parameters) {
    const parameter = resolved(document, value);
    const place = `${asText(parameter['in'])} parameter ${asText(parameter['name'])}`;
    describe({ document, facts }, parameter['schema'], place, parameter['required'] === true, []);
  }
  const body = resolved(document, operation['requestBody']);
  const walk = { document, facts };
  describeContent(walk, body['content'], 'body', body['required'] === true);
  for (const [status, value] of Object.entries(asRecord(operation['responses']) ?? {})) {
    facts.set(status, 'an answer');
    describeContent(walk, resolved(document, value)['content'], status, true);
  }
  return facts;
}

interface Walk {
  readonly document: OpenApiDocument;
  readonly facts: Map<string, string>;
}

function describeContent(walk: Walk, content: unknown, place: string, required: boolean): void {
  for (const [type, media] of Object.entries(asRecord(content) ?? {})) {
    const shown = type === 'application/json' ? `${place}:` : `${place} ${type}:`;
    const event = eventData(walk.document, media);
    if (event !== undefined) describe(walk, event, `${shown} event`, required, []);
    else describe(walk, asRecord(media)?.['schema'], shown, required, []);
  }
}

function describe(
  walk: Walk,
  value: unknown,
  place: string,
  required: boolean,
  above: readonly string[],
): void {
  const passed = [...above];
  const isLoop =
    typeof asRecord(value)?.['$ref'] === 'string' && above.includes(String(asRecord(value)?.['$ref']));
  const schema = resolved(walk.document, value, passed);
  const text = isLoop ? 'as above' : typeText(walk.document, schema);
  if (walk.facts.size >= mostFacts) return;
  walk.facts.set(place, `${text}${required ? '' : ', optional'}`);
  if (!isLoop) describeInside(walk, schema, place, passed);
}

function describeInside(
  walk: Walk,
  schema: Readonly<Record<string, unknown>>,
  place: string,
  passed: readonly string[],
): void {
  const needed = listOf(schema['required']);
  const dot = place.endsWith(':') ? `${place} .` : `${place}.`;
  for (const [name, property] of Object.entries(asRecord(schema['properties']) ?? {}))
    describe(walk, property, `${dot}${name}`, needed.includes(name), passed);
  const inside = (key: string, mark: string): void => {
    const value = schema[key];
    if (asRecord(value) !== null && !Array.isArray(value))
      describe(walk, value, place.endsWith(':') ? `${place} ${mark}` : `${place}${mark}`, true, passed);
  };
  inside('items', '[]');
  inside('additionalProperties', '{}');
  for (const member of listOf(schema['allOf']))
    describeInside(walk, resolved(walk.document, member, [...passed]), place, passed);
  const choices = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  const large = choices.filter(
    (choice) => typeText(walk.document, resolved(walk.document, choice)) === 'object',
  );
  for (const [index, choice] of choices.entries()) {
    const seen = [...passed];
    const reference = asRecord(choice)?.['$ref'];
    if (typeof reference === 'string' && passed.includes(reference)) continue;
    const member = resolved(walk.document, choice, seen);
    const name = typeof reference === 'string' ? (reference.split('/').at(-1) ?? '') : String(index + 1);
    describeInside(walk, member, large.length > 1 ? `${place} (${name})` : place, seen);
  }
}

/** A schema in a few words; what is inside of objects and lists has places of its own. */
function typeText(document: OpenApiDocument, schema: Readonly<Record<string, unknown>>, depth = 0): string {
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  const values = listOf(schema['enum']);
  if (values.length > 0) return values.map((value) => JSON.stringify(value)).join(' | ');
  const choices = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  if (choices.length > 0 && depth < 4) {
    const texts = choices.map((choice) => typeText(document, resolved(document, choice), depth + 1));
    return [...new Set(texts)].join(' | ');
  }
  const { type, format, nullable } = schema;
  const known = Array.isArray(type) ? type.map(String).join(' | ') : typeof type === 'string' ? type : null;
  const base =
    known ?? (schema['properties'] === undefined && schema['allOf'] === undefined ? 'anything' : 'object');
  return `${base}${typeof format === 'string' ? ` (${format})` : ''}${nullable === true ? ' | null' : ''}`;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '?';
}

/** Differences shown of one route. */
const shownDetails = 12;

/** The changes as indented lines, for people. */
export function changesText(changes: readonly RouteChange[]): string {
  return changes
    .map(({ route, details }) => {
      const more = details.length - shownDetails;
      const lines = more > 0 ? [...details.slice(0, shownDetails), `and ${more} more`] : details;
      return lines.length === 1
        ? `  ${route}: ${lines[0]}\n`
        : `  ${route}\n${lines.map((line) => `    ${line}\n`).join('')}`;
    })
    .join('');
}
