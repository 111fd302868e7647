import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Advice } from '../../../src/bundle/index.js';
import { renderReport } from '../../../src/bundle/size-report/report-html.js';
import { bundleReportClient } from '../../../scripts/bundle-report-client.js';
import {
  hasNoBrowser,
  openReport,
  overflow,
  worstContrast,
  type OpenedPage,
} from '../../support/report-page.js';
import { sampleStock } from '../sample-stock.js';
import { leftOutIf, noBrowser } from '../../support/windows.js';

const heading = { backend: 'engine <1>', details: 'linux-x64, onedir & more' };
const advice: readonly Advice[] = [
  {
    id: 'tests',
    title: 'Tests of numpy',
    detail: 'Test modules that were collected with their package.',
    edit: "excludes: ['numpy.tests']",
    bytes: 100_000,
    examples: ['numpy/tests/é & <all>.py'],
  },
];

/** Of the sources, not of the last build. */
const client = await bundleReportClient('client');

describe('renderReport', () => {
  it('makes one page that loads nothing and whose texts cannot break it', () => {
    const page = renderReport(heading, sampleStock, advice, client);
    expect(page).not.toMatch(/(?:src|href)=|https?:\/\/(?!www\.win\.tue)/);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('engine &lt;1&gt;');
    expect(page).toContain('numpy/tests/é &amp; &lt;all&gt;.py');
    expect(page.split('<script')).toHaveLength(3);
    expect(page).not.toContain('<!--');
  });

  it('leaves out the advice when there is none', () => {
    expect(renderReport(heading, sampleStock, [], client)).not.toContain('What could go');
  });
});

describe('the page in Chromium', { timeout: 60_000, ...leftOutIf(hasNoBrowser, noBrowser) }, () => {
  let opened: OpenedPage;
  let page: Page;

  beforeAll(async () => {
    opened = await openReport(renderReport(heading, sampleStock, advice, client));
    ({ page } = opened);
  }, 60_000);
  afterAll(() => opened?.close());

  const box = (name: string) => page.locator(`.box[data-path="${name}"]`);
  const place = () => page.locator('#path li').allTextContents();

  it('draws every owner with an area in proportion to its size', async () => {
    await box('numpy 2.2.4').waitFor();
    const area = async (name: string): Promise<number> => {
      const size = await box(name).boundingBox();
      return (size?.width ?? 0) * (size?.height ?? 0);
    };
    const numpy = await area('numpy 2.2.4');
    expect(numpy / (await area('Python 3.12'))).toBeCloseTo(2, 1);
    expect(numpy / (await area('Your code and data'))).toBeCloseTo(6, 0);
    expect(await page.locator('h1').textContent()).toBe('engine <1>');
  });

  it('goes one level down with each click, and back up', async () => {
    await box('numpy 2.2.4').click({ position: { x: 8, y: 8 } });
    expect(await place()).toEqual(['engine <1>', 'numpy 2.2.4 (6.0 MB)']);
    await box('numpy 2.2.4/numpy').click({ position: { x: 8, y: 8 } });
    await box('numpy 2.2.4/numpy/_core').click({ position: { x: 8, y: 8 } });
    expect(await place()).toEqual(['engine <1>', 'numpy 2.2.4', 'numpy', '_core (2.4 MB)']);
    await box('numpy 2.2.4/numpy/_core/numeric.py').click();
    expect(await page.locator('#hint').textContent()).toBe(
      'numpy 2.2.4 / numpy / _core / numeric.py · 400 kB · 4.0 % · Python module',
    );
    await page.keyboard.press('Escape');
    expect(await place()).toHaveLength(3);
    await page.goBack();
    await expect.poll(place).toHaveLength(4);
    await page.locator('#path button').first().click();
    expect(await place()).toEqual(['engine <1> (10 MB)']);
  });

  it('can be used with the keyboard alone', async () => {
    await box('Python 3.12').focus();
    expect(await page.locator('#hint').textContent()).toBe('Python 3.12 · 3.0 MB · 30.0 %');
    await page.keyboard.press('Enter');
    expect(await place()).toEqual(['engine <1>', 'Python 3.12 (3.0 MB)']);
    await page.keyboard.press('Escape');
    expect(await place()).toEqual(['engine <1> (10 MB)']);
  });

  it('keeps the focus in the map when a level is opened and left', async () => {
    const focused = () =>
      page.evaluate('document.activeElement.dataset.path ?? document.activeElement.textContent');
    await box('Python 3.12').focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toMatch(/^Python 3\.12\/./);
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('Python 3.12');
    await page.keyboard.press('Enter');
    await page.locator('#path button').first().focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Python 3.12');
  });

  it('keeps the focus when the window changes its size', async () => {
    await box('Python 3.12').focus();
    const before = (await box('Python 3.12').boundingBox())?.width;
    await page.setViewportSize({ width: 900, height: 900 });
    await expect.poll(async () => (await box('Python 3.12').boundingBox())?.width).not.toBe(before);
    expect(await page.evaluate('document.activeElement.dataset.path')).toBe('Python 3.12');
    await page.setViewportSize({ width: 1200, height: 900 });
  });

  it('takes keys that follow each other at once', async () => {
    const steps = ['Enter', 'Enter', 'Escape', 'Escape', 'Enter', 'Enter', 'Escape'];
    await box('numpy 2.2.4').focus();
    for (const key of steps) await page.keyboard.press(key);
    expect(await place()).toEqual(['engine <1>', 'numpy 2.2.4 (6.0 MB)']);
    await page.keyboard.press('Escape');
  });

  it('opens an owner from the table and shows names that look like markup as text', async () => {
    await page.locator('td button', { hasText: 'Your code and data' }).click();
    const odd = page.locator('.box', { hasText: '<!--<script>.json' });
    await odd.first().waitFor();
    expect(await page.locator('.box[data-path$="constructor"]').count()).toBe(1);
    await page.locator('#path button').first().click();
  });

  it('dims what does not match the search', async () => {
    await page.locator('#search').fill('openblas');
    expect(await box('Python 3.12').getAttribute('class')).toContain('dim');
    expect(await box('numpy 2.2.4').getAttribute('class')).not.toContain('dim');
    await page.locator('#search').fill('');
  });

  it('shows the line that saves space and copies it', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const item = page.locator('.advice li');
    expect(await item.locator('code').textContent()).toBe("excludes: ['numpy.tests']");
    await item.locator('button').click();
    // The clipboard answers later.
    await expect.poll(() => item.locator('button').textContent()).toMatch(/Copied|Selected/);
  });

  it('is readable in light and dark', async () => {
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    expect(await worstContrast(page)).toBeGreaterThan(4.5);
    await page.locator('#theme').click();
    expect(await background()).not.toBe(light);
    expect(await worstContrast(page)).toBeGreaterThan(4.5);
    await page.locator('#theme').click();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).toBe(light);
  });

  it('fits a narrow window', async () => {
    await page.setViewportSize({ width: 380, height: 700 });
    expect(await overflow(page)).toBe(0);
  });

  it('made no error and asked the network for nothing', () => {
    expect(opened.errors).toEqual([]);
    expect(opened.requests).toEqual([]);
  });
});
