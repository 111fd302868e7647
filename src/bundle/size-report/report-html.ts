import type { Advice } from './advice-item.js';
import { escapeHtml, formatBytes } from '../../lib/text.js';
import { builtScript, fact, htmlPage } from './html-page.js';
import type { Inventory, Owner, PartKind } from './inventory.js';
import type { ReportData } from './report-data.js';
import { ownerTitle, type ReportHeading } from './report-table.js';

const kinds: readonly PartKind[] = ['module', 'extension', 'library', 'data', 'metadata', 'program'];

/**
 * The inventory as one HTML page that needs nothing else: a treemap to click through, a table, and what could go. Works
 * from a file without network; light and dark.
 *
 * @param client Script of the page. Default: the one that was built with this package.
 */
export function renderReport(
  heading: ReportHeading,
  stock: Inventory,
  advice: readonly Advice[],
  client: string = builtScript('client'),
): string {
  const data: ReportData = {
    backend: heading.backend,
    kinds: kinds.map((kind) => kindTitles[kind]),
    owners: stock.owners.map((owner) => ({ title: ownerTitle(owner) })),
    parts: stock.parts.map(({ owner, path: name, bytes, kind }) => [owner, name, bytes, kinds.indexOf(kind)]),
  };
  return htmlPage({
    title: `${heading.backend}: what is in the bundle`,
    heading: heading.backend,
    details: heading.details,
    main: `<section aria-label="Totals">
<dl class="facts">
${fact('Size', formatBytes(stock.totalBytes))}
${fact('Files', String(stock.fileCount))}
${fact('Modules in the program', String(stock.moduleCount))}
${fact('Distributions', String(stock.owners.filter((owner) => owner.type === 'distribution').length))}
</dl>
</section>
<section aria-labelledby="map-title">
<div class="bar">
<h2 id="map-title">Where the space goes</h2>
<ol class="path" id="path" aria-label="Place in the bundle"></ol>
<input type="search" id="search" placeholder="Highlight a name" aria-label="Highlight boxes with this name">
</div>
<div id="map" tabindex="-1" role="group" aria-label="Treemap: the larger a box, the more bytes"></div>
<p id="hint" role="status"></p>
</section>
${adviceSection(advice)}
<section aria-labelledby="table-title">
<h2 id="table-title">Everything by owner</h2>
<div class="scroll">
<table>
<thead><tr><th scope="col">What</th><th scope="col" class="number">Size</th><th scope="col" class="number">Share</th><th scope="col" class="share"><span hidden>Bar</span></th><th scope="col" class="number">Files</th><th scope="col" class="number">Modules</th></tr></thead>
<tbody>
${stock.owners.map((owner, index) => row(owner, index, stock)).join('\n')}
</tbody>
</table>
</div>
</section>`,
    script: client,
    data,
    footer: 'Made by electron-pyinstaller. Modules inside the program count with their compressed size.',
  });
}

const kindTitles: Readonly<Record<PartKind, string>> = {
  module: 'Python module',
  extension: 'compiled module',
  library: 'native library',
  data: 'data file',
  metadata: 'metadata',
  program: 'program',
};

function row(owner: Owner, index: number, stock: Inventory): string {
  const share = stock.totalBytes === 0 ? 0 : (owner.bytes / stock.totalBytes) * 100;
  const version =
    owner.version === null || owner.version === '' ? '' : `<small>${escapeHtml(owner.version)}</small>`;
  const cells = [
    `<td><button type="button" data-owner="${index}">${escapeHtml(owner.name)}</button>${version}</td>`,
    `<td class="number">${formatBytes(owner.bytes)}</td>`,
    `<td class="number">${share.toFixed(1)} %</td>`,
    `<td class="share" style="--hue:var(--h${index % 8})"><i style="width:${share.toFixed(2)}%"></i></td>`,
    `<td class="number">${owner.files}</td>`,
    `<td class="number">${owner.modules}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function adviceSection(advice: readonly Advice[]): string {
  if (advice.length === 0) return '';
  const items = advice.map(({ bytes, title, detail, edit, costs, examples }) => {
    const line =
      edit === null
        ? ''
        : `<p class="line"><code>${escapeHtml(edit)}</code><button type="button" class="plain small" data-copy>Copy</button></p>`;
    const shown = examples.length === 0 ? '' : `<p>${examples.map(escapeHtml).join(' · ')}</p>`;
    return `<li><strong>${formatBytes(bytes)}</strong><span>${escapeHtml(title)}</span>${line}<p>${escapeHtml(costs === undefined ? detail : `${detail} Costs ${costs}.`)}</p>${shown}</li>`;
  });
  return `<section aria-labelledby="advice-title">
<h2 id="advice-title">What could go</h2>
<ul class="advice">
${items.join('\n')}
</ul>
</section>`;
}
