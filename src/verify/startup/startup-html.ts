import { builtScript, fact, htmlPage } from '../../bundle/index.js';
import { escapeHtml, plural } from '../../lib/text.js';
import { costsOf, type OwnerCost, type Startup } from './costs.js';
import { flameOf, type FlameBox } from './flame.js';
import { worthImportingLater } from './text.js';

const rowHeight = 22;

const style = String.raw`
#map { height: auto; --from: 0; --span: 100; }
.flame {
  left: calc((var(--x) - var(--from)) / var(--span) * 100%); width: calc(var(--w) / var(--span) * 100%); top: calc(var(--y) * ${rowHeight}px); height: ${rowHeight}px;
  display: block; border-width: 0 1px 1px 0; padding: 2px 4px; padding-left: max(4px, calc((var(--from) - var(--x)) / var(--span) * 100% + 4px)); white-space: nowrap; text-overflow: ellipsis;
}
.flame[data-depth='0'] { background: var(--line); font-weight: 600; }
details summary { cursor: pointer; color: var(--accent); margin-top: .75rem; }
details table { margin-top: .75rem; }
`;

/**
 * A start as one HTML page that needs nothing else: its phases and imports as a flame view to click through, and as tables.
 *
 * @param script Script of the page. Default: the one that was built with this package.
 */
export function startupPage(
  backend: string,
  startup: Startup,
  distributionOf: ReadonlyMap<string, string>,
  script: string = builtScript('flame'),
): string {
  const costs = costsOf(startup, distributionOf);
  const { totalMs, phases, owners } = costs;
  const boxes = flameOf(startup, distributionOf);
  const hues = new Map(owners.map(({ owner }, index) => [owner, index % 8]));
  const share = (ms: number): string => `${((100 * ms) / totalMs).toFixed(1)} %`;
  const percent = (ms: number): string => ((100 * ms) / totalMs).toFixed(3);
  const box = ({ title, owner, depth, fromMs, ms }: FlameBox, index: number): string => {
    const label = [title, ...(owner === null ? [] : [owner]), milliseconds(ms), share(ms)].join(' · ');
    const place = `--x:${percent(fromMs)};--w:${percent(ms)};--y:${depth};--hue:var(--h${hues.get(owner ?? '') ?? 0});--depth:${depth % 2}`;
    return `<button type="button" class="box flame" data-depth="${depth}" tabindex="${index === 0 ? 0 : -1}" style="${place}" aria-label="${escapeHtml(label)}">${escapeHtml(title)}</button>`;
  };
  const ownerRow = ({ owner, ms, modules }: OwnerCost): string =>
    `<tr><td>${escapeHtml(owner)}</td>${number(milliseconds(ms))}${number(share(ms))}<td class="share" style="--hue:var(--h${hues.get(owner) ?? 0})"><i style="width:${percent(ms)}%"></i></td>${number(String(modules))}</tr>`;
  const moduleRow = ({ title, owner, ms, aloneMs }: FlameBox): string =>
    `<tr><td>${escapeHtml(title)}</td><td>${escapeHtml(owner ?? '')}</td>${number(milliseconds(ms))}${number(milliseconds(aloneMs))}</tr>`;
  const modules = boxes.filter(({ owner }) => owner !== null).sort((a, b) => b.ms - a.ms);
  const height = (Math.max(...boxes.map(({ depth }) => depth)) + 1) * rowHeight;
  return htmlPage({
    title: `${backend}: where the time of a start goes`,
    heading: backend,
    details: 'From the start of the program until it is ready, the quickest of a few starts',
    style,
    script,
    footer: 'Made by electron-pyinstaller. What took less than a five-hundredth of the start has no box.',
    main: `<section aria-label="Phases">
<dl class="facts">
${[fact('Ready after', milliseconds(totalMs)), ...phases.map(({ title, ms }) => fact(title, milliseconds(ms)))].join('\n')}
</dl>
</section>
<section aria-labelledby="map-title">
<h2 id="map-title">Where the time goes</h2>
<div id="map" role="group" aria-label="Flame view: the wider a box, the more time; below it, what it imports" style="height:${height}px">
${boxes.map(box).join('\n')}
</div>
<p id="hint" role="status">Click a box to see it at full width, again or Escape to go back. The arrow keys lead from box to box.</p>
</section>
${laterSection(costs)}
<section aria-labelledby="owners-title">
<h2 id="owners-title">Imports by distribution</h2>
<div class="scroll">
<table>
<thead><tr><th scope="col">What</th>${numberHead('Time')}${numberHead('Share')}<th scope="col" class="share"><span hidden>Bar</span></th>${numberHead('Modules')}</tr></thead>
<tbody>
${owners.map(ownerRow).join('\n')}
</tbody>
</table>
</div>
<details>
<summary>${plural(modules.length, 'module')} with a box, the slowest first</summary>
<div class="scroll">
<table>
<thead><tr><th scope="col">Module</th><th scope="col">Of</th>${numberHead('With what it imports')}${numberHead('By itself')}</tr></thead>
<tbody>
${modules.map(moduleRow).join('\n')}
</tbody>
</table>
</div>
</details>
</section>`,
  });
}

function laterSection(costs: ReturnType<typeof costsOf>): string {
  const worth = worthImportingLater(costs);
  if (worth.length === 0) return '';
  const items = worth.map(
    ({ importer, imported, ms }) =>
      `<li><strong>${milliseconds(ms)}</strong><span><code>import ${escapeHtml(imported)}</code> in <code>${escapeHtml(importer)}</code>, with all that comes with it</span></li>`,
  );
  return `<section aria-labelledby="later-title">
<h2 id="later-title">What could be imported later: inside of the function that needs it</h2>
<ul class="advice">
${items.join('\n')}
</ul>
</section>`;
}

const number = (text: string): string => `<td class="number">${text}</td>`;
const numberHead = (text: string): string => `<th scope="col" class="number">${text}</th>`;

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
