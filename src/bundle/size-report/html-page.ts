import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageDir } from '../../lib/package-root.js';
import { escapeHtml } from '../../lib/text.js';
import { reportStyle } from './report-style.js';

/** One HTML page that needs nothing else. */
export interface HtmlPage {
  readonly title: string;
  readonly heading: string;
  readonly details: string;
  /** Besides the style of all reports. */
  readonly style?: string;
  /** Elements of `main`. */
  readonly main: string;
  /** With one, the page has a button that switches between light and dark. */
  readonly script?: string;
  /** For the script, as JSON in the element `data`. */
  readonly data?: unknown;
  readonly footer?: string;
}

/** Lay out a page. It works from a file without network; light and dark. Pure. */
export function htmlPage({ title, heading, details, style, main, script, data, footer }: HtmlPage): string {
  const scripts = script === undefined ? '' : " script-src 'unsafe-inline';";
  const parts = [
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';${scripts} base-uri 'none'; form-action 'none'">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}${style ?? ''}</style>
</head>
<body>
<header>
<h1>${escapeHtml(heading)}</h1>
<p>${escapeHtml(details)}</p>`,
    script === undefined ? '' : '<button type="button" class="plain" id="theme">Light / dark</button>',
    `</header>
<main>
${main}
</main>`,
    footer === undefined ? '' : `<footer>${escapeHtml(footer)}</footer>`,
    // Only `<` could end the element or begin a comment.
    data === undefined
      ? ''
      : `<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`,
    script === undefined ? '' : `<script>${script}</script>`,
    '</body>\n</html>\n',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** One of the figures at the top of a page. */
export function fact(term: string, value: string): string {
  return `<div><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd></div>`;
}

/** A script of a page, made from `browser/` by the build. */
export function builtScript(name: 'client' | 'flame'): string {
  return readFileSync(path.join(packageDir, 'dist', 'bundle', 'size-report', `report-${name}.js`), 'utf8');
}
