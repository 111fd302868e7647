import type { DetectedBackend } from './detect-backend.js';

/**
 * The configuration as people would write it themselves: TypeScript or JavaScript, only the keys that matter, each with
 * a word on why where that is not plain.
 */
export function configText(backend: DetectedBackend): string {
  const lines = [
    `entry: ${literal(backend.entry)},${backend.framework === null ? '' : ` // ${backend.reason}`}`,
    ...('script' in backend.entry && backend.source === '.' ? [] : [`source: ${literal(backend.source)},`]),
    ...(backend.requirements === null ? [] : [`requirements: ${literal(backend.requirements)},`]),
    ...(backend.hiddenImports.length === 0
      ? []
      : [`hiddenImports: ${literal(backend.hiddenImports)}, // imported by a name known only at run time`]),
    ...dataLines(backend.data),
    ...(backend.healthPath === null ? [] : [`ready: { http: ${literal(backend.healthPath)} },`]),
  ];
  return [
    "import { defineConfig } from 'electron-pyinstaller';",
    '',
    'export default defineConfig({',
    '  backends: {',
    `    ${key(backend.name)}: {`,
    ...lines.map((line) => `      ${line}`),
    '    },',
    '  },',
    '});',
    '',
  ].join('\n');
}

function dataLines(data: DetectedBackend['data']): string[] {
  if (data.length === 0) return [];
  if (data.length === 1) return [`data: [${literal(data[0])}],`];
  return ['data: [', ...data.map((rule) => `  ${literal(rule)},`), '],'];
}

function key(name: string): string {
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
      .map(([name, inner]) => `${key(name)}: ${literal(inner)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}
