import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { normalizeName } from '../../lib/text.js';
import type { OwnProject } from '../requirements/own-project.js';
import { readInstalled, versionOf } from './distributions.js';

/**
 * Put the metadata of the project itself into an environment, as uv and Poetry do when they install it in place: its version and its
 * entry points can be asked for. Its modules come from the sources. Nothing is built; a version that its build backend could not be asked for leaves it out.
 */
export async function writeOwnMetadata(own: OwnProject, sitePackages: readonly string[]): Promise<void> {
  const [folder] = sitePackages;
  if (folder === undefined || own.version === null) return;
  // Installed already: by its own requirements, or because its dependencies could not be told otherwise.
  if (versionOf(await readInstalled(sitePackages), own.name) !== null) return;
  const name = `${normalizeName(own.name).replaceAll('-', '_')}-${own.version}.dist-info`;
  const files = metadataFiles(own, own.version);
  const record = Object.entries(files).map(([file, text]) => {
    const digest = createHash('sha256').update(text).digest('base64url');
    return `${name}/${file},sha256=${digest},${Buffer.byteLength(text)}\n`;
  });
  const all = { ...files, RECORD: [...record, `${name}/RECORD,,\n`].join('') };
  await mkdir(path.join(folder, name), { recursive: true });
  for (const [file, text] of Object.entries(all)) await writeFile(path.join(folder, name, file), text);
}

/** The files of the project's metadata, as an installer would write them: what `importlib.metadata` reads. Pure. */
export function metadataFiles(own: OwnProject, version: string): Readonly<Record<string, string>> {
  const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
  const fields = [
    'Metadata-Version: 2.1',
    `Name: ${own.name}`,
    `Version: ${oneLine(version)}`,
    ...(own.summary === null ? [] : [`Summary: ${oneLine(own.summary)}`]),
    ...own.dependencies.map((requirement) => `Requires-Dist: ${oneLine(requirement)}`),
  ];
  const groups = Object.entries(own.entryPoints).map(([group, points]) =>
    [
      `[${group}]`,
      ...Object.entries(points).map(([name, value]) => `${oneLine(name)} = ${oneLine(value)}`),
      '',
    ].join('\n'),
  );
  return {
    METADATA: `${fields.join('\n')}\n\n`,
    ...(groups.length === 0 ? {} : { 'entry_points.txt': groups.join('\n') }),
    INSTALLER: 'electron-pyinstaller\n',
  };
}
