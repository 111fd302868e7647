import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findBrowser } from '../../scripts/system-tools.ts';
import { loadConfig, resolveConfig } from '../../src/config/index.js';
import { prepareBackend } from '../../src/hosts/dev/index.js';
import { withDiagnosis } from '../../src/runtime/diagnose/index.js';
import type { BackendManifest } from '../../src/runtime/manifest.js';
import { hostTarget } from '../../src/target.js';
import { manifestOf, testBackend } from '../runtime/support.js';
import { repositoryDir, testCacheDir } from '../support/paths.js';
import { giveBridge, serveRealPage } from './real-page.ts';

const executablePath = await findBrowser();
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs in the page: what a checker of accessibility finds (WCAG 2.2 A and AA, and what is good practice). */
const violations = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe.skipIf(executablePath === null)("example-app's page on its own backend, in Chromium", () => {
  let browser: Browser;
  let manifest: BackendManifest;
  beforeAll(async () => {
    const loaded = await loadConfig({ projectDir: path.join(repositoryDir, 'example-app') });
    const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir: testCacheDir }).backends;
    if (backend === undefined) throw new Error('the example app has no backend');
    const prepared = await prepareBackend(backend, { cacheDir: testCacheDir });
    // Neither watched nor asked for its types.
    if (prepared.program.type !== 'development') throw new Error('not from source');
    const { api: _api, ...program } = prepared.program;
    manifest = { ...prepared, program: { ...program, watch: [] } };
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 300_000);
  afterAll(async () => browser.close());

  async function open(colorScheme: 'light' | 'dark' = 'light') {
    const backend = await testBackend(manifest, { logger: silent });
    const options = { app: backend.app, manifest: manifestOf(manifest) };
    const file = path.join(backend.app.getPath('userData'), 'support.zip');
    const diagnosable = withDiagnosis(backend, options);
    const served = await serveRealPage(backend);
    const page = await browser.newPage({ viewport: { width: 1060, height: 760 }, colorScheme });
    onTestFinished(async () => {
      await page.close();
      served.close();
    });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await giveBridge(page, backend, async () => {
      await diagnosable.diagnoseArchive(file);
      return file;
    });
    await page.goto(served.url);
    await backend.start();
    await page.waitForSelector('#process:has-text("from source")');
    return { page, backend, file, problems };
  }

  test('shows what it measures, and its report', async () => {
    const { page, backend, problems } = await open();
    expect(await page.textContent('#process')).toContain(String(backend.status().pid));
    expect(await page.textContent('#address')).toBe(backend.url);
    await expect.poll(() => page.textContent('#value')).toMatch(/^[−\d.]+$/);
    await expect.poll(() => page.textContent('#mean'), { timeout: 10_000 }).toMatch(/^[−\d.]+$/);
    await expect.poll(() => page.textContent('#trend')).toMatch(/rising|falling|steady/);
    await page.click('#report');
    const report = page.frameLocator('#report-frame');
    await report.locator('h1').waitFor();
    expect(await report.locator('img').getAttribute('src')).toContain('data:image/png');
    expect(problems).toEqual([]);
  }, 60_000);

  test('everything can be done by keyboard: a signal, a restart, the report, diagnostics', async () => {
    const { page, backend, file, problems } = await open();
    const tab = async (to: string): Promise<void> => {
      for (let count = 0; count < 12; count++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(to)})`)) return;
      }
      throw new Error(`Tab does not lead to ${to}`);
    };
    const chosen = page.locator('[role=radio][aria-checked=true]');
    await tab('[role=radio]');
    const first = await chosen.textContent();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => chosen.textContent()).not.toBe(first);
    await expect.poll(() => page.evaluate('document.activeElement.ariaChecked')).toBe('true');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chosen.textContent()).toBe(first);

    await tab('#report');
    await page.keyboard.press('Enter');
    await page.frameLocator('#report-frame').locator('h1').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('report');

    await tab('#diagnostics');
    await page.keyboard.press('Enter');
    const result = page.getByRole('status').filter({ hasText: 'Saved as' });
    await result.waitFor();
    expect((await readFile(file)).subarray(0, 2).toString()).toBe('PK');

    const { pid } = backend.status();
    await tab('#restart');
    await page.keyboard.press('Space');
    await expect.poll(() => backend.status().pid, { timeout: 20_000 }).not.toBe(pid);
    await expect.poll(() => page.textContent('#state'), { timeout: 20_000 }).toBe('ready');
    expect(problems).toEqual([]);
  }, 90_000);

  async function look(page: Page): Promise<unknown> {
    // As a debugger does: the page's own policy forbids what is not of the app.
    await page.evaluate(axe);
    return await page.evaluate(violations);
  }

  test.each(['light', 'dark'] as const)(
    'a checker of accessibility finds nothing, %s',
    async (colorScheme) => {
      const { page, backend } = await open(colorScheme);
      await expect.poll(() => page.textContent('#mean'), { timeout: 10_000 }).toMatch(/^[−\d.]+$/);
      expect(await look(page)).toEqual([]);
      await backend.stop();
      await page.waitForSelector('#state:has-text("stopped")');
      expect(await look(page)).toEqual([]);
    },
    60_000,
  );
});
