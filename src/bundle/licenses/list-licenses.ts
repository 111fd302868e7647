import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isFile, namesIn, readText } from '../../lib/files.js';
import { mapLimited } from '../../lib/map-limited.js';
import { packageDir, packageVersion } from '../../lib/package-root.js';
import { normalizeName } from '../../lib/text.js';
import type { Inventory } from '../size-report/inventory.js';
import { declaredLicense } from './metadata-license.js';
import { systemLibrary } from './system-libraries.js';

/** A license text that comes with a part. */
export interface LicenseText {
  /** Name of the file. */
  readonly file: string;
  readonly text: string;
}

/** Something in a bundle that somebody else has written. */
export interface LicensedPart {
  readonly type: 'distribution' | 'python' | 'bootloader' | 'companion' | 'library';
  /** For people, and in `clarify`: `numpy`, `Python`, `libssl.so.3`. */
  readonly name: string;
  readonly version: string | null;
  /** An SPDX expression; null: not known. */
  readonly expression: string | null;
  /** In the part's own words; `UNKNOWN`: it has none. */
  readonly declared: string;
  readonly homepage: string | null;
  readonly texts: readonly LicenseText[];
}

/** What {@link listLicenses} needs to know besides the inventory. */
export interface LicenseSources {
  /** `site-packages` folders of the environment that the bundle was frozen from. */
  readonly sitePackages: readonly string[];
  /** Folders where Python's own license may lie, the likeliest first. */
  readonly pythonFolders: readonly string[];
  /** SPDX expressions of what does not say it, by name. */
  readonly clarify: Readonly<Record<string, string>>;
}

/**
 * Everything in a bundle that somebody else has written, with its license: distributions, Python, PyInstaller's bootloader, libraries
 * of the build machine. By name, distributions first.
 */
export async function listLicenses(stock: Inventory, sources: LicenseSources): Promise<LicensedPart[]> {
  const folders = await metadataFolders(sources.sitePackages);
  const distributions = stock.owners.filter(({ type }) => type === 'distribution');
  const python = stock.owners.find(({ type }) => type === 'python');
  const parts = [
    ...(
      await mapLimited(distributions, 8, async ({ name, version }) =>
        distribution(name, version, folders.get(normalizeName(name))),
      )
    ).sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)),
    await pythonPart(python?.version ?? null, sources.pythonFolders),
    await bootloader(folders.get('pyinstaller')),
    await companion(),
    ...systemLibraries(stock),
  ];
  const clarified = new Map(
    Object.entries(sources.clarify).map(([name, expression]) => [normalizeName(name), expression]),
  );
  return parts.map((part) => ({
    ...part,
    expression: clarified.get(normalizeName(part.name)) ?? part.expression,
  }));
}

async function metadataFolders(sitePackages: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of sitePackages)
    for (const name of await namesIn(folder)) {
      const match = /^(.+?)-[^-]+\.dist-info$/.exec(name);
      const key = normalizeName(match?.[1] ?? '');
      if (match !== null && !found.has(key)) found.set(key, path.join(folder, name));
    }
  return found;
}

async function distribution(
  name: string,
  version: string | null,
  folder: string | undefined,
): Promise<LicensedPart> {
  const texts = folder === undefined ? [] : await licenseTexts(folder);
  const metadata = folder === undefined ? null : await readText(path.join(folder, 'METADATA'));
  const license = declaredLicense(
    metadata ?? '',
    texts.map(({ text }) => text),
  );
  return { type: 'distribution', name, version, ...license, texts };
}

const licenseName =
  /^(?:licen[sc]e|copying|copyright|notice|authors|unlicense)|\blicen[sc]e\b.*\.(?:txt|md|rst)$/i;

/** Of a `.dist-info` folder: everything below `licenses`, and what is called so. */
async function licenseTexts(folder: string): Promise<LicenseText[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.startsWith('licenses/') || licenseName.test(path.posix.basename(name)))
    .sort();
  const texts: LicenseText[] = [];
  for (const file of files) {
    const place = path.join(folder, file);
    const text = (await isFile(place)) ? await readText(place) : null;
    if (text !== null) texts.push({ file: path.posix.basename(file), text });
  }
  return texts;
}

async function pythonPart(version: string | null, folders: readonly string[]): Promise<LicensedPart> {
  const texts: LicenseText[] = [];
  for (const file of folders.flatMap((folder) => [
    path.join(folder, 'LICENSE.txt'),
    path.join(folder, 'LICENSE'),
  ])) {
    const text = await readText(file);
    if (text === null) continue;
    texts.push({ file: path.basename(file), text });
    break;
  }
  const expression = 'PSF-2.0';
  const homepage = 'https://www.python.org';
  return { type: 'python', name: 'Python', version, expression, declared: expression, homepage, texts };
}

/** The license of PyInstaller allows to ship what it makes under any license. */
async function bootloader(folder: string | undefined): Promise<LicensedPart> {
  const expression = 'GPL-2.0-or-later WITH Bootloader-exception';
  const version = /-([^-]+)\.dist-info$/.exec(folder ?? '')?.[1] ?? null;
  return {
    type: 'bootloader',
    name: 'PyInstaller bootloader',
    version,
    expression,
    declared: expression,
    homepage: 'https://pyinstaller.org',
    texts: folder === undefined ? [] : await licenseTexts(folder),
  };
}

async function companion(): Promise<LicensedPart> {
  const text = await readText(path.join(packageDir, 'LICENSE'));
  return {
    type: 'companion',
    name: 'electron-pyinstaller',
    version: packageVersion,
    expression: 'MIT',
    declared: 'MIT',
    homepage: null,
    texts: text === null ? [] : [{ file: 'LICENSE', text }],
  };
}

function systemLibraries(stock: Inventory): LicensedPart[] {
  const names = stock.parts
    .filter(({ owner }) => stock.owners[owner]?.type === 'system')
    .map(({ path: file }) => path.posix.basename(file));
  return [...new Set(names)].sort().map((name) => {
    const known = systemLibrary(name);
    const expression = known?.expression ?? null;
    const declared = known === null ? 'UNKNOWN' : `${known.expression} (${known.project})`;
    return { type: 'library', name, version: null, expression, declared, homepage: null, texts: [] };
  });
}
