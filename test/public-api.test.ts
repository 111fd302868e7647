import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryDir } from './support/paths.js';

const entries = [
  'src/index.ts',
  'src/runtime/index.ts',
  'src/runtime/preload.ts',
  'src/runtime/diagnose/index.ts',
  'src/runtime/client/index.ts',
  'src/hosts/forge/index.ts',
  'src/hosts/electron-builder/preset.ts',
  'src/hosts/electron-builder/hook.ts',
];

interface ExportedName {
  readonly name: string;
  readonly file: string;
}

/** Every name an entry point exports, with the file that declares it. Follows `export … from` and `export type *`. */
async function exportedNames(file: string): Promise<ExportedName[]> {
  const text = await readFile(path.join(repositoryDir, file), 'utf8');
  const found: ExportedName[] = [];
  for (const [, list = '', from = ''] of text.matchAll(
    /export\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/g,
  )) {
    const source = path.join(path.dirname(file), from.replace(/\.js$/, '.ts'));
    for (const item of list.split(',')) {
      const name =
        item
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0] ?? '';
      if (name !== '') found.push(...(await declaring(name, source)));
    }
  }
  for (const [, from = ''] of text.matchAll(/export\s+(?:type\s+)?\*\s+from\s+'([^']+)'/g)) {
    found.push(...(await exportedNames(path.join(path.dirname(file), from.replace(/\.js$/, '.ts')))));
  }
  for (const [, name = ''] of text.matchAll(
    /^export (?:abstract )?(?:async )?(?:function|class|interface|type|const) (\w+)/gm,
  )) {
    found.push({ name, file });
  }
  return found;
}

/** Follow re-exports until the file that declares a name. */
async function declaring(name: string, file: string): Promise<ExportedName[]> {
  const text = await readFile(path.join(repositoryDir, file), 'utf8');
  if (declaration(name).test(text)) return [{ name, file }];
  return (await exportedNames(file)).filter((candidate) => candidate.name === name);
}

function declaration(name: string): RegExp {
  return new RegExp(
    `^export (?:declare |abstract |async )*(?:function\\*?|class|interface|type|const) ${name}\\b`,
    'm',
  );
}

it('no error is exported that nobody can ever get: hosts reject with a plain one', async () => {
  const names = (await Promise.all(entries.map(exportedNames))).flat().map(({ name }) => name);
  expect(names.filter((name) => name.includes('PyInstallerError'))).toEqual([]);
});

describe.each(entries)('%s', (entry) => {
  it('exports nothing without a description', async () => {
    const names = await exportedNames(entry);
    if (!entry.endsWith('preset.ts')) expect(names.length).toBeGreaterThan(0);
    const bare: string[] = [];
    for (const { name, file } of names) {
      const lines = (await readFile(path.join(repositoryDir, file), 'utf8')).split('\n');
      const at = lines.findIndex((line) => declaration(name).test(line));
      if (!(lines[at - 1] ?? '').trim().endsWith('*/')) bare.push(`${file}: ${name}`);
    }
    expect(bare).toEqual([]);
  });
});
