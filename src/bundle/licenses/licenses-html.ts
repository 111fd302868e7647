import { escapeHtml } from '../../lib/text.js';
import { htmlPage } from '../size-report/html-page.js';
import type { LicensedPart } from './list-licenses.js';
import { licenseOf, titleOf } from './notice.js';

/** The licenses as one HTML page that needs nothing else. Pure. */
export function licensesPage(backend: string, parts: readonly LicensedPart[]): string {
  const rows = parts.map((part) => {
    const texts = part.texts
      .map(({ file, text }) => `<h3>${escapeHtml(file)}</h3><pre>${escapeHtml(text)}</pre>`)
      .join('');
    const name = escapeHtml(titleOf(part));
    const head = `<span>${name}</span> <span class="license">${escapeHtml(licenseOf(part))}</span>`;
    return texts === ''
      ? `<li><p>${head}</p></li>`
      : `<li><details><summary>${head}</summary>${texts}</details></li>`;
  });
  return htmlPage({
    title: `${backend}: licenses of what is in the bundle`,
    heading: backend,
    details: `${parts.length} parts that others have written`,
    style: `.licenses { list-style: none; padding: 0; margin: 0; }
.licenses li { border-top: 1px solid var(--line); padding: .45rem 0; }
.licenses li:first-child { border-top: 0; }
.licenses p { margin: 0; padding-left: 1rem; }
.licenses summary { cursor: pointer; }
.licenses h3 { font-size: .9rem; margin: .75rem 0 .25rem; }
.licenses pre { background: var(--code); border-radius: 6px; padding: .75rem; overflow-x: auto; white-space: pre-wrap; margin: 0; }
.license { color: var(--soft); margin-left: .5rem; }
`,
    main: `<section aria-label="Licenses"><ul class="licenses">
${rows.join('\n')}
</ul></section>`,
  });
}
