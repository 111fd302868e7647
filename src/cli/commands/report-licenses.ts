import type { LicensedPart } from '../../bundle/licenses/list-licenses.js';
import { plural } from '../../lib/text.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { printJson } from './work.js';
import { writeReport } from './write-report.js';

/** What is asked of the licenses. */
export interface LicenseOptions {
  readonly html?: string;
  readonly text?: string;
  readonly json?: boolean;
  /** A file; true: standard output. */
  readonly sbom?: string | true;
}

/** One backend and what is in its bundle. */
export interface LicensedBackend {
  readonly name: string;
  readonly parts: readonly LicensedPart[];
}

/** `report --licenses` and `report --sbom`: print, or write into files. */
export async function reportLicenses(
  backends: readonly LicensedBackend[],
  options: LicenseOptions,
  io: Io,
): Promise<number> {
  const { html, text, json = false, sbom } = options;
  const write = (file: string, backend: string, content: string): Promise<void> =>
    writeReport({ file, backend, count: backends.length, json }, content, io);
  for (const { name, parts } of backends) {
    if (sbom !== undefined) {
      const { billOfMaterials } = await import('../../bundle/licenses/sbom.js');
      const bill = billOfMaterials(name, parts);
      if (sbom === true) io.out(`${bill}\n`);
      else await write(sbom, name, `${bill}\n`);
    }
    if (html !== undefined) {
      const { licensesPage } = await import('../../bundle/licenses/licenses-html.js');
      await write(html, name, licensesPage(name, parts));
    }
    if (text !== undefined) {
      const { noticeText } = await import('../../bundle/licenses/notice.js');
      await write(text, name, noticeText(parts));
    }
    if (!json && [html, text, sbom].every((place) => place === undefined))
      io.out(`${await table(name, parts)}\n`);
  }
  if (json)
    printJson(io, { ok: true, backends: backends.map(({ name, parts }) => ({ backend: name, parts })) });
  return exitCodes.ok;
}

async function table(backend: string, parts: readonly LicensedPart[]): Promise<string> {
  const [{ licenseOf, titleOf }, { columns }] = await Promise.all([
    import('../../bundle/licenses/notice.js'),
    import('../../bundle/size-report/report-table.js'),
  ]);
  const rows = parts.map((part) => [titleOf(part), licenseOf(part)]);
  const unknown = parts.filter(({ expression }) => expression === null);
  const [first] = unknown;
  const end =
    first === undefined
      ? ''
      : `\n\nOf ${plural(unknown.length, 'part')} no SPDX license is known. What you found out is written as licenses: { clarify: { '${first.name}': 'MIT' } }`;
  return `${backend}  ${plural(parts.length, 'part')} that others have written\n\n${columns(rows, ['left', 'left']).join('\n')}${end}`;
}
