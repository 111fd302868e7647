import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumFile } from '../security/browser.js';
import { writeFiles } from './files.js';

if (chromiumFile === null) {
  console.warn(
    'SKIPPED: a report was not opened in a browser, because none was found. Install Chromium (apt-get install chromium) or set CHROMIUM.',
  );
}

/** No Chromium: nothing can be opened. */
export const hasNoBrowser: boolean = chromiumFile === null;

/** A page of ours in a real browser, and what went wrong in it. */
export interface OpenedPage {
  readonly page: Page;
  readonly errors: readonly string[];
  /** Addresses outside of the page's own file. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Open a report from a file, as its readers do. */
export async function openReport(content: string): Promise<OpenedPage> {
  const browser: Browser = await chromium.launch({
    executablePath: chromiumFile ?? '',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, colorScheme: 'light' });
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) requests.push(request.url());
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'epy bericht-'));
  await writeFiles({ 'größen bericht.html': content }, folder);
  await page.goto(pathToFileURL(path.join(folder, 'größen bericht.html')).href);
  const close = async (): Promise<void> => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { page, errors, requests, close };
}

/** The worst contrast of the text of the boxes, and of the page, with what is behind it. */
export function worstContrast(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const luminance = (color) => {
      const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const boxes = [...document.querySelectorAll('.box')].map((one) => {
      const style = getComputedStyle(one);
      return ratio(luminance(style.color), luminance(style.backgroundColor));
    });
    const body = getComputedStyle(document.body);
    return Math.min(...boxes, ratio(luminance(body.color), luminance(body.backgroundColor)));
  })()`);
}

/** How much wider than the window a page is. */
export function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
