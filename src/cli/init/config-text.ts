import { asRecord } from '../../lib/files.js';
import type { DetectedBackend } from './detect-backend.js';

/** A key with its value, and a word on why where that is not plain. */
interface Line {
  readonly key: string;
  readonly value: unknown;
  readonly why?: string;
}

/** Values of a list, each with its reason. */
class Listed {
  constructor(readonly items: readonly { readonly value: unknown; readonly why: string }[]) {}
}

/** What the configuration has besides the backend. */
export interface ConfigExtras {
  /** Where the generated module goes. */
  readonly generate?: string;
  /** There is a generated module: types of an API go beside it. */
  readonly hasGenerated?: boolean;
}

/**
 * The configuration as people would write it themselves: only the keys that matter.
 *
 * @param file - its name; the ending decides between a program and YAML
 */
export function configText(backend: DetectedBackend, file: string, extras: ConfigExtras = {}): string {
  const lines = backendLines(backend, extras.hasGenerated === true);
  return /\.ya?ml$/.test(file)
    ? yamlText(backend.name, lines, extras)
    : programText(backend.name, lines, extras);
}

function backendLines(backend: DetectedBackend, hasGenerated: boolean): Line[] {
  const { port } = backend;
  const run = {
    ...(port === null || port.args.length === 0 ? {} : { args: port.args }),
    ...(port === null || Object.keys(port.env).length === 0 ? {} : { env: port.env }),
  };
  const isBesideScript = 'script' in backend.entry && folderOf(backend.entry.script) === backend.source;
  const migrated = withoutName(backend);
  const older = (...keys: readonly string[]): Line[] =>
    keys.flatMap((key) =>
      migrated?.keys[key] === undefined ? [] : [{ key, value: migrated.keys[key], why: migrated.from }],
    );
  return [
    ...(backend.spec === null
      ? [{ key: 'entry', value: backend.entry, why: backend.reason.split('; ')[0] ?? '' }]
      : [{ key: 'pyinstaller', value: { spec: backend.spec } }]),
    ...(backend.kind === 'http' ? [] : [{ key: 'kind', value: backend.kind }]),
    ...(backend.kind === 'stdio' ? [{ key: 'stdio', value: 'raw' }] : []),
    ...(isBesideScript && backend.source === '.' ? [] : [{ key: 'source', value: backend.source }]),
    ...(backend.requirements === null ? [] : [{ key: 'requirements', value: backend.requirements }]),
    ...(backend.hiddenImports.length === 0
      ? []
      : [
          {
            key: 'hiddenImports',
            value: new Listed(
              backend.hiddenImports.map(({ name, why }) => ({
                value: name,
                why: named(why, 'imports them by name'),
              })),
            ),
          },
        ]),
    ...(backend.data.length === 0
      ? []
      : [
          {
            key: 'data',
            value: new Listed(
              backend.data.map(({ why, ...rule }) => ({
                value: rule,
                why: named(why, 'reads it'),
              })),
            ),
          },
        ]),
    ...older('binaries', 'collect', 'excludes', 'pyinstaller'),
    ...(port === null ? [] : [{ key: 'address', value: port.address }]),
    ...(Object.keys(run).length === 0 ? [] : [{ key: 'run', value: run }]),
    ...(backend.ready === null
      ? []
      : [
          {
            key: 'ready',
            value: backend.ready.name === null ? { connect: true } : { http: backend.ready.name },
            why: backend.ready.why,
          },
        ]),
    ...(hasGenerated && backend.describesApi
      ? [{ key: 'client', value: true, why: `${backend.name}.client: the types of its routes` }]
      : []),
  ];
}

/** The program is called like the backend anyway. */
function withoutName({ migrated, name }: DetectedBackend): DetectedBackend['migrated'] {
  const pyinstaller = asRecord(migrated?.keys['pyinstaller']);
  if (migrated === null || pyinstaller?.['name'] !== name) return migrated;
  const { name: _same, ...rest } = pyinstaller;
  const { pyinstaller: _old, ...keys } = migrated.keys;
  return { ...migrated, keys: Object.keys(rest).length === 0 ? keys : { ...keys, pyinstaller: rest } };
}

/** A line of code does something; a file that was read says all by its name. */
function named(why: string, does: string): string {
  return /:\d+$/.test(why) ? `${why} ${does}` : why;
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.';
}

function programText(name: string, lines: readonly Line[], { generate }: ConfigExtras): string {
  const shown = lines.flatMap(({ key: property, value, why }) => {
    const comment = why === undefined || why === '' ? '' : ` // ${why}`;
    if (!(value instanceof Listed)) return [`${property}: ${literal(value)},${comment}`];
    const items = value.items.map((item) => `  ${literal(item.value)}, // ${item.why}`);
    return [`${property}: [`, ...items, '],'];
  });
  return [
    "import { defineConfig } from 'electron-pyinstaller';",
    '',
    'export default defineConfig({',
    ...(generate === undefined ? [] : [`  generate: ${literal(generate)},`]),
    '  backends: {',
    `    ${propertyName(name)}: {`,
    ...shown.map((line) => `      ${line}`),
    '    },',
    '  },',
    '});',
    '',
  ].join('\n');
}

function yamlText(name: string, lines: readonly Line[], { generate }: ConfigExtras): string {
  const shown = lines.flatMap(({ key: property, value, why }) => {
    const comment = why === undefined || why === '' ? '' : ` # ${why}`;
    if (!(value instanceof Listed)) return [`${property}: ${flow(value)}${comment}`];
    return [`${property}:`, ...value.items.map((item) => `  - ${flow(item.value)} # ${item.why}`)];
  });
  return [
    ...(generate === undefined ? [] : [`generate: ${flow(generate)}`]),
    'backends:',
    `  ${flow(name)}:`,
    ...shown.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

/** A value as YAML in one line. */
function flow(value: unknown): string {
  if (typeof value === 'string')
    return /^[A-Za-z][\w./-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
      ? value
      : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, inner]) => `${flow(name)}: ${flow(inner)}`)
      .join(', ')} }`;
  return JSON.stringify(value);
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A value as source code: single quotes, no quotes around plain keys. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, inner]) => `${propertyName(name)}: ${literal(inner)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}
