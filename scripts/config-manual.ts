/**
 * Makes schema.json and the tables of docs/config.md from the configuration's schema and from the comments above the
 * keys of its interfaces (src/config/schema/*.ts). Pure: `generate-schema.ts` reads and writes the files, a test compares.
 */
import * as z from 'zod';
import { listRests, shorten, wrapped } from './long-cells.ts';

/** One key of an interface, with what its comment says. */
export interface DocumentedKey {
  readonly name: string;
  readonly required: boolean;
  /** As written in TypeScript. */
  readonly type: string;
  readonly text: string;
  readonly defaultValue: string | null;
  readonly example: string | null;
}

/** One interface. */
export interface DocumentedInterface {
  readonly name: string;
  readonly text: string;
  readonly parents: readonly string[];
  readonly keys: readonly DocumentedKey[];
}

interface Comment {
  readonly text: string;
  readonly defaultValue: string | null;
  readonly example: string | null;
}

/** Read the exported interfaces of a TypeScript file of ours: comment, keys, and the comment of each key. */
export function readInterfaces(source: string): DocumentedInterface[] {
  const found: DocumentedInterface[] = [];
  const declaration =
    /(\/\*\*(?:(?!\*\/)[^])*\*\/)\s*export interface (\w+)(?: extends ([\w, ]+))? \{\n([^]*?)\n\}/g;
  for (const [, comment = '', name = '', parents = '', body = ''] of source.matchAll(declaration)) {
    found.push({
      name,
      text: readComment(comment).text,
      parents: parents.split(',').flatMap((parent) => (parent.trim() === '' ? [] : [parent.trim()])),
      keys: readKeys(body),
    });
  }
  return found;
}

function readKeys(body: string): DocumentedKey[] {
  const key = /(\/\*\*(?:(?!\*\/)[^])*\*\/)\n\s*([\w$]+)(\?)?: ([^]*?);(?=\n|$)/g;
  return [...body.matchAll(key)].map(([, comment = '', name = '', optional, type = '']) => ({
    name,
    required: optional === undefined,
    type: type.replaceAll(/\s+/g, ' ').replace(/^\| /, ''),
    ...readComment(comment),
  }));
}

function readComment(comment: string): Comment {
  const lines = comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const body = lines.join('\n').replaceAll(String.raw`*\/`, '*/');
  const [text = '', ...tags] = body.split(/^@/m);
  const tag = (name: string): string | null => {
    const found = tags.find((item) => item.startsWith(`${name} `));
    return found === undefined ? null : oneLine(found.slice(name.length));
  };
  return { text: paragraphs(text), defaultValue: tag('defaultValue'), example: tag('example') };
}

function paragraphs(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => oneLine(paragraph))
    .join('\n\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

type Json = { [key: string]: unknown };

/** The JSON Schema for editors. */
export function makeJsonSchema(schema: z.ZodType, interfaces: readonly DocumentedInterface[]): Json {
  const made = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as Json;
  const byName = new Map(interfaces.map((item) => [item.name, item]));
  // zod makes every schema with an id a definition, the root too; editors like the root in its place.
  const { Config: root, ...definitions } = made['definitions'] as Record<string, Json>;
  if (root === undefined) throw new Error('the schema has no definition Config');
  const document = (node: Json): Json => {
    const { interfaceName, id: _id, ...rest } = node;
    const described = byName.get(String(interfaceName));
    if (described === undefined)
      throw new Error(`no comment was found for the interface ${String(interfaceName)}`);
    const keys = new Map(allKeys(described, byName).map((key) => [key.name, key]));
    const properties = Object.fromEntries(
      Object.entries((rest['properties'] ?? {}) as Json).map(([name, value]) => {
        const key = keys.get(name);
        if (key === undefined) throw new Error(`the key ${described.name}.${name} has no comment`);
        return [name, { description: describe(key), ...(value as Json) }];
      }),
    );
    return { description: described.text, ...rest, properties };
  };
  return {
    $schema: made['$schema'],
    title: 'Configuration of electron-pyinstaller',
    ...document(root),
    definitions: Object.fromEntries(
      Object.entries(definitions).map(([name, node]) => [name, document(node)]),
    ),
  };
}

function allKeys(
  item: DocumentedInterface,
  byName: ReadonlyMap<string, DocumentedInterface>,
): DocumentedKey[] {
  const above = item.parents.flatMap((name) => {
    const parent = byName.get(name);
    if (parent === undefined) throw new Error(`the interface ${name} was not found`);
    return allKeys(parent, byName);
  });
  return [...above, ...item.keys];
}

function describe(key: DocumentedKey): string {
  const parts = [key.text];
  if (key.defaultValue !== null) parts.push(`Default: ${key.defaultValue}`);
  if (key.example !== null) parts.push(`Example: ${key.example}`);
  return parts.join('\n\n');
}

/** Sections of docs/config.md in their order: interface, title, and where its keys stand. */
const sections: readonly (readonly [name: string, title: string, place: string])[] = [
  ['Config', 'Top level', ''],
  ['BackendConfig', 'A backend', 'backends.<name>'],
  ['ClientConfig', 'client', 'backends.<name>.client'],
  ['EntryConfig', 'entry', 'backends.<name>.entry'],
  ['PythonConfig', 'python', 'backends.<name>.python'],
  ['RequirementsGroup', 'requirements', 'backends.<name>.requirements'],
  ['DataRule', 'data and binaries', 'backends.<name>.data[]'],
  ['CollectConfig', 'collect', 'backends.<name>.collect'],
  ['OptionalName', 'Names that may be missing', 'items of hiddenImports and collect'],
  ['PyInstallerConfig', 'pyinstaller', 'backends.<name>.pyinstaller'],
  ['RunConfig', 'run', 'backends.<name>.run'],
  ['DevelopmentConfig', 'run.dev', 'backends.<name>.run.dev'],
  ['PortAddress', 'address', 'backends.<name>.address'],
  ['ReadyConfig', 'ready', 'backends.<name>.ready'],
  ['HealthConfig', 'health', 'backends.<name>.health'],
  ['RestartConfig', 'restart', 'backends.<name>.restart'],
  ['StopConfig', 'stop', 'backends.<name>.stop'],
  ['LogsConfig', 'logs', 'backends.<name>.logs'],
  ['AuthConfig', 'auth', 'backends.<name>.auth'],
  ['VerifyConfig', 'verify', 'backends.<name>.verify'],
  ['VerifyRequest', 'Requests of verify', 'backends.<name>.verify.http[]'],
  ['VerifyResource', 'Resources of verify', 'backends.<name>.verify.resources[]'],
  ['LicensesConfig', 'licenses', 'backends.<name>.licenses'],
];

const entryForms = [
  'AsgiEntry',
  'WsgiEntry',
  'CallEntry',
  'ModuleEntry',
  'ConsoleScriptEntry',
  'ScriptEntry',
];

/** The tables of docs/config.md. */
export function makeTables(interfaces: readonly DocumentedInterface[]): string {
  const byName = new Map(interfaces.map((item) => [item.name, item]));
  const shown = new Set([...sections.map(([name]) => name), ...entryForms, 'BackendOverrides']);
  const forgotten = interfaces.filter((item) => !shown.has(item.name));
  if (forgotten.length > 0)
    throw new Error(`no section for ${forgotten.map((item) => item.name).join(', ')}`);
  return sections
    .map(([name, title, place]) => {
      const items = name === 'EntryConfig' ? entryForms : [name];
      const keys = items.flatMap((item) => {
        const found = byName.get(item);
        if (found === undefined) throw new Error(`the interface ${item} was not found`);
        return allKeys(found, byName).map((key) =>
          name === 'EntryConfig' ? { ...key, required: false, text: `${found.text} ${key.text}` } : key,
        );
      });
      const text =
        name === 'EntryConfig'
          ? 'One of these keys, or the path of a Python script.'
          : byName.get(name)?.text;
      const where = place === '' ? '' : `\n\nIn \`${place}\`.`;
      return `### ${title}\n\n${wrapped(text ?? '')}${where}\n\n${table(keys)}`;
    })
    .join('\n\n');
}

function table(keys: readonly DocumentedKey[]): string {
  const rows = keys.map((key) => {
    const name = `\`${key.name}\`${key.required ? ' (required)' : ''}`;
    const example = key.example === null ? '' : ` Example: ${code(key.example)}`;
    const value = key.defaultValue === null ? '' : code(key.defaultValue);
    const text = shorten(key.text, example);
    const row = `| ${name} | ${typeCell(key.type)} | ${value} | ${cell(text.cell)}${example} |`;
    return { row, rest: [`\`${key.name}\``, text.rest] as const };
  });
  return ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows.map(({ row }) => row)]
    .join('\n')
    .concat(listRests(rows.map(({ rest }) => rest)));
}

const links = new Map<string, string>([
  ...sections.map(([name, title]) => [name, title] as const),
  ['DataConfig', 'data and binaries'],
  ['NameConfig', 'Names that may be missing'],
  ['RequirementsConfig', 'requirements'],
  ['AddressConfig', 'address'],
]);

/** Types of ours become links to their section. */
function typeCell(type: string): string {
  const plain = type.replaceAll('readonly ', '').replaceAll('BackendOverrides', 'BackendConfig');
  const used = [...links].filter(([name]) => new RegExp(`\\b${name}\\b`).test(plain));
  const [only] = used;
  if (only === undefined) return code(plain);
  const anchor = only[1]
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
  return `[${code(plain)}](#${anchor})`;
}

function code(text: string): string {
  return `\`${text.replaceAll('|', String.raw`\|`)}\``;
}

function cell(text: string): string {
  return text
    .replaceAll('|', String.raw`\|`)
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const begin = '<!-- generated from src/config/schema by scripts/generate-schema.ts -->';
const end = '<!-- end of the generated part -->';

/** Put the tables between the markers of a document. */
export function replaceTables(document: string, tables: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from === -1 || to === -1) throw new Error(`the document lacks the lines "${begin}" and "${end}"`);
  return `${document.slice(0, from)}${begin}\n\n${tables}\n\n${document.slice(to)}`;
}
