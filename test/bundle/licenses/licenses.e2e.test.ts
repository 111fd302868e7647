import { execFileSync } from 'node:child_process';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { expect, test } from 'vitest';
import { billOfMaterials } from '../../../src/bundle/licenses/sbom.js';
import { listLicenses } from '../../../src/bundle/licenses/list-licenses.js';
import { licensesPage } from '../../../src/bundle/licenses/licenses-html.js';
import { noticeText } from '../../../src/bundle/licenses/notice.js';
import { readDistributions } from '../../../src/bundle/size-report/distributions.js';
import type { Inventory, Owner } from '../../../src/bundle/index.js';
import { normalizeName } from '../../../src/lib/text.js';
import { environment } from '../../companion/support/environment.js';
import { defaultInterpreter } from '../../companion/support/interpreters.js';
import { writeFiles } from '../../support/files.js';

const packages = [
  'fastapi',
  'jinja2',
  'orjson',
  'pillow',
  'uvicorn',
  'numpy',
  'pandas',
  'pyinstaller',
  'pip-licenses==5.5.5',
];

/** A stock of which only the names count. */
function stockOf(names: readonly (readonly [name: string, version: string])[]): Inventory {
  const none = { bytes: 1, files: 1, modules: 0, strippableBytes: 0, spoiltByStrip: [] };
  const owners: Owner[] = [
    ...names.map(([name, version]) => ({ type: 'distribution' as const, name, version, ...none })),
    { type: 'python', name: 'Python', version: '3.11.7', ...none },
    { type: 'system', name: 'System libraries', version: null, ...none },
  ];
  const library = (file: string) =>
    ({ owner: owners.length - 1, path: file, file, kind: 'library', bytes: 1 }) as const;
  return {
    totalBytes: 0,
    fileCount: 0,
    moduleCount: 0,
    owners,
    parts: [library('libssl.so.3'), library('libreadline.so.8'), library('libfoo.so.1')],
    distributions: [],
  };
}

test('licenses are those that pip-licenses finds, and the bill of materials is valid CycloneDX 1.6', async () => {
  const python = await environment(defaultInterpreter(), packages);
  const extra = await writeFiles({
    'without-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: without\nVersion: 1.0\n',
    'without-1.0.dist-info/RECORD': '',
  });
  const code = 'import sysconfig; print(sysconfig.get_path("purelib")); print(sysconfig.get_path("stdlib"))';
  const [site = '', library = ''] = execFileSync(python, ['-c', code], { encoding: 'utf8' }).split('\n');
  const theirs = JSON.parse(
    execFileSync(python, ['-m', 'piplicenses', '--from=mixed', '--with-system', '--format=json'], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: extra },
    }),
  ) as { Name: string; Version: string; License: string }[];
  const installed = await readDistributions([site, extra]);
  const parts = await listLicenses(stockOf(installed.map(({ name, version }) => [name, version])), {
    sitePackages: [site, extra],
    pythonFolders: [library],
    clarify: { 'libfoo.so.1': 'MIT OR ISC' },
  });
  const byName = (rows: [string, string, string][]) => rows.sort(([a], [b]) => (a < b ? -1 : 1));
  const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';
  const distributions = parts.filter(({ type }) => type === 'distribution');
  expect(
    byName(
      distributions.map(({ name, version, declared }) => [
        normalizeName(name),
        version ?? '',
        firstLine(declared),
      ]),
    ),
  ).toEqual(byName(theirs.map((row) => [normalizeName(row.Name), row.Version, firstLine(row.License)])));

  const expression = (name: string) => parts.find((part) => part.name === name)?.expression;
  expect(['numpy', 'pandas', 'fastapi', 'pillow', 'without'].map(expression)).toEqual([
    expect.stringContaining('BSD-3-Clause'),
    'BSD-3-Clause',
    'MIT',
    'MIT-CMU',
    null,
  ]);
  expect(
    ['libssl.so.3', 'libreadline.so.8', 'libfoo.so.1', 'PyInstaller bootloader'].map(expression),
  ).toEqual(['Apache-2.0', 'GPL-3.0-or-later', 'MIT OR ISC', 'GPL-2.0-or-later WITH Bootloader-exception']);

  const bill = billOfMaterials('engine', parts);
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(bill)).toBeNull();
  const broken = bill.replace('"type": "library"', '"type": "librarian"');
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(broken)).not.toBeNull();
  expect(billOfMaterials('engine', parts)).toBe(bill);
  const { components } = JSON.parse(bill) as { components: { name: string; purl?: string }[] };
  expect(components).toHaveLength(parts.length);
  expect(components.find(({ name }) => name === 'numpy')?.purl).toMatch(/^pkg:pypi\/numpy@\d/);

  const notice = noticeText(parts);
  expect(notice).toContain('PYTHON SOFTWARE FOUNDATION LICENSE');
  expect(notice).toContain('without 1.0: unknown');
  const page = licensesPage('<engine>', parts);
  expect(page).toContain('&lt;engine&gt;');
});
