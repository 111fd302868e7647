import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleReportClient } from '../../../scripts/bundle-report-client.js';
import { flameOf } from '../../../src/verify/startup/flame.js';
import { startupPage } from '../../../src/verify/startup/startup-html.js';
import {
  hasNoBrowser,
  openReport,
  overflow,
  worstContrast,
  type OpenedPage,
} from '../../support/report-page.js';
import { distributions, startup } from './sample-startup.js';
import { leftOutIf, noBrowser } from '../../support/windows.js';

const script = await bundleReportClient('flame');
const content = startupPage('engine <1>', startup, distributions, script);

test('boxes lie side by side in what imports them, the phases side by side at the top', () => {
  const boxes = flameOf(startup, distributions);
  expect(boxes.map(({ title, depth, fromMs, ms, aloneMs }) => [title, depth, fromMs, ms, aloneMs])).toEqual([
    ['until Python runs', 0, 0, 100, 100],
    ['imports', 0, 100, 450, 0],
    ['electron_pyinstaller._serve', 1, 100, 20, 20],
    ['main', 1, 120, 430, 10],
    ['fastapi', 2, 120, 300, 250],
    ['json', 3, 120, 50, 50],
    ['services.images', 2, 420, 120, 10],
    ['PIL', 3, 420, 30, 30],
    ['PIL.Image', 3, 450, 80, 80],
    ['start of the application', 0, 550, 50, 50],
  ]);
});

test('what is too short to be seen has no box, and neither has what it imports', () => {
  const imports = [...startup.imports, ['tiny', 1, 1], ['tiny.part', 7, 0.9]] as const;
  const titles = flameOf({ ...startup, imports }, distributions).map(({ title }) => title);
  expect(titles).not.toContain('tiny');
  expect(titles).not.toContain('tiny.part');
});

test('the page loads nothing, says everything as tables too, and what could be imported later', () => {
  expect(content).not.toMatch(/(?:src|href)=|https?:/);
  expect(content).toContain('engine &lt;1&gt;');
  expect(content).toContain('<tr><td>PIL.Image</td><td>pillow</td><td class="number">80 ms</td>');
  expect(content).toContain('<code>import fastapi</code> in <code>main</code>');
});

describe('the page in Chromium', { timeout: 60_000, ...leftOutIf(hasNoBrowser, noBrowser) }, () => {
  let opened: OpenedPage;
  let page: Page;
  beforeAll(async () => {
    opened = await openReport(content);
    ({ page } = opened);
  }, 60_000);
  afterAll(() => opened?.close());

  const box = (title: string) => page.locator('.flame', { hasText: new RegExp(`^${title}$`) });
  const placeOf = async (title: string) => {
    const { x, y, width } = (await box(title).boundingBox()) ?? { x: 0, y: 0, width: 0 };
    return { x, y, width };
  };

  test('a box is as wide as its time, and lies below what imports it', async () => {
    const [main, fastapi, images] = [
      await placeOf('main'),
      await placeOf('fastapi'),
      await placeOf('services.images'),
    ];
    expect(fastapi.width / main.width).toBeCloseTo(300 / 430, 2);
    expect(fastapi.x).toBeCloseTo(main.x, 0);
    expect(images.x).toBeCloseTo(fastapi.x + fastapi.width, 0);
    expect(fastapi.y).toBeGreaterThan(main.y);
    expect(images.y).toBe(fastapi.y);
  });

  test('a click shows a box at the full width, another one goes back', async () => {
    const before = await placeOf('services.images');
    await box('services.images').click();
    const map = (await page.locator('#map').boundingBox())?.width ?? 0;
    expect((await placeOf('services.images')).width).toBeCloseTo(map, 0);
    expect((await placeOf('PIL.Image')).width / map).toBeCloseTo(80 / 120, 2);
    expect(await page.locator('#hint').textContent()).toBe('services.images · the project · 120 ms · 20.0 %');
    await page.keyboard.press('Escape');
    expect((await placeOf('main')).width).toBeCloseTo(map, 0);
    await box('main').click();
    await page.keyboard.press('Escape');
    expect(await placeOf('services.images')).toEqual(before);
  });

  test('can be used with the keyboard alone: one stop, from which the arrows lead on', async () => {
    const focused = () => page.evaluate('document.activeElement.textContent');
    expect(await page.locator('.flame[tabindex="0"]').count()).toBe(1);
    await page.locator('.flame[tabindex="0"]').focus();
    await box('until Python runs').focus();
    const seen: unknown[] = [];
    for (const key of [
      'ArrowRight',
      'ArrowDown',
      'ArrowRight',
      'ArrowDown',
      'ArrowRight',
      'ArrowRight',
      'ArrowUp',
    ]) {
      await page.keyboard.press(key);
      seen.push(await focused());
    }
    expect(seen).toEqual([
      'imports',
      'electron_pyinstaller._serve',
      'main',
      'fastapi',
      'services.images',
      'services.images',
      'main',
    ]);
    expect(await page.locator('.flame[tabindex="0"]').textContent()).toBe('main');
  });

  test('is readable in light and dark, and fits a narrow window', async () => {
    expect(await worstContrast(page)).toBeGreaterThan(4.5);
    await page.locator('#theme').click();
    expect(await worstContrast(page)).toBeGreaterThan(4.5);
    await page.setViewportSize({ width: 380, height: 700 });
    expect(await overflow(page)).toBe(0);
    expect(opened.errors).toEqual([]);
    expect(opened.requests).toEqual([]);
  });
});
