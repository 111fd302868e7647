import type { Advice } from './advice-item.js';
import { formatBytes, plural } from '../../lib/text.js';
import type { Inventory, Owner } from './inventory.js';

/** What stands above a report. */
export interface ReportHeading {
  /** Name of the backend. */
  readonly backend: string;
  /** E.g. `linux-x64, onedir, Python 3.12.1, PyInstaller 6.22.3`. */
  readonly details: string;
}

/**
 * The inventory as text for a terminal.
 *
 * @param rows - owners shown before the rest is summed up; default 20.
 */
export function formatReport(
  heading: ReportHeading,
  stock: Inventory,
  advice: readonly Advice[],
  { rows = 20 }: { readonly rows?: number } = {},
): string {
  const lines = [
    `${heading.backend}  ${formatBytes(stock.totalBytes)} in ${plural(stock.fileCount, 'file')}  (${heading.details})`,
    '',
  ];
  const shown = stock.owners.slice(0, rows);
  const rest = stock.owners.slice(rows);
  const table = shown.map((owner) => [
    formatBytes(owner.bytes),
    percent(owner.bytes, stock.totalBytes),
    ownerTitle(owner),
    contents(owner),
  ]);
  if (rest.length > 0) {
    const bytes = rest.reduce((sum, owner) => sum + owner.bytes, 0);
    table.push([formatBytes(bytes), percent(bytes, stock.totalBytes), `${rest.length} more`, '']);
  }
  lines.push(
    ...columns([['size', 'share', 'what', 'contents'], ...table], ['right', 'right', 'left', 'left']),
  );
  if (advice.length > 0) {
    lines.push('', 'What could go');
    for (const item of advice) {
      lines.push(`  ${formatBytes(item.bytes).padStart(9)}  ${item.title}`);
      const costs = item.costs === undefined ? '' : ` (costs ${item.costs})`;
      lines.push(`             ${item.edit ?? item.detail}${costs}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** `numpy 2.2.4`. */
export function ownerTitle(owner: Owner): string {
  return owner.version === null || owner.version === '' ? owner.name : `${owner.name} ${owner.version}`;
}

function contents({ files, modules }: Owner): string {
  const parts: string[] = [];
  if (files > 0) parts.push(plural(files, 'file'));
  if (modules > 0) parts.push(plural(modules, 'module'));
  return parts.join(', ');
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((part / whole) * 100)} %`;
}

/** Rows of cells as lines, each column as wide as its widest cell. */
export function columns(
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
): string[] {
  const widths = align.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return align[column] === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
