import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findBrowser } from '../../scripts/system-tools.ts';
import { installBridge, servePage, type PageServer } from './page-server.ts';

interface TestWindow {
  readonly test: {
    readonly calls: string[];
    state(state: string, more?: object): void;
    log(line: string): void;
    answer(file: string): void;
    refuse(reason: string): void;
  };
}

/** Runs in the page, hence as text. The drawn line has the accent colour; nothing else in the canvas has. */
const hasDrawnLine = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let accented = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 2] > 200 && data[at] < 90 && data[at + 3] > 200) accented += 1;
  return accented > 40;
})()`;

/** Runs in the page, hence as text: contrast of the button's text against its card, as WCAG 2 defines it. */
const contrastOfButton = `(() => {
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[\\d.]+/g).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const button = document.getElementById('diagnostics');
  const [low, high] = [getComputedStyle(button).color, getComputedStyle(button.closest('.card')).backgroundColor]
    .map(luminance)
    .sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
})()`;

const executablePath = await findBrowser();

describe.skipIf(executablePath === null)("example-app's page in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => browser.close());

  /** Open the page; problems it reports fail the test that opened it. */
  async function open(): Promise<{ page: Page; server: PageServer; problems: string[] }> {
    const server = await servePage();
    const page = await browser.newPage({ viewport: { width: 1060, height: 760 } });
    onTestFinished(async () => {
      await page.close();
      server.close();
    });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
        problems.push(message.text());
    });
    await page.addInitScript(installBridge);
    await page.goto(server.url);
    return { page, server, problems };
  }

  async function setState(page: Page, state: string, more: object = {}): Promise<void> {
    await page.evaluate(([name, extra]) => (globalThis as unknown as TestWindow).test.state(name, extra), [
      state,
      more,
    ] as const);
  }

  it('shows state, address and process, and draws what the stream sends', async () => {
    const { page, problems } = await open();
    expect(await page.textContent('#state')).toBe('starting');
    expect(await page.textContent('#text')).toBe('spawning');
    expect(await page.isDisabled('#restart')).toBe(true);
    await setState(page, 'ready', { since: 1_001_500 });
    await page.waitForSelector('#process:has-text("4711 · Python 3.12.1, frozen")');
    expect(await page.textContent('#address')).toBe('http://127.0.0.1:40123');
    expect(await page.textContent('#startup')).toBe('1.50 s');
    await expect.poll(() => page.textContent('#value')).toMatch(/^[−\d.]+$/);
    await page.waitForSelector('#mean:has-text("0.250")');
    expect(await page.textContent('#trend')).toBe('↗ rising');
    // The line is in the accent colour; without samples no pixel is.
    await expect.poll(() => page.evaluate(hasDrawnLine)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('closes the stream when the backend stops and opens a new one when it is ready again', async () => {
    const { page, server } = await open();
    await setState(page, 'ready');
    await expect.poll(() => server.streams()).toBe(1);
    await setState(page, 'stopped');
    await expect.poll(() => server.streams()).toBe(0);
    expect(await page.textContent('#stop')).toBe('Start');
    expect(await page.textContent('#address')).toBe('–');
    await setState(page, 'ready', { generation: 2 });
    await expect.poll(() => server.streams()).toBe(1);
    expect(await page.textContent('#stop')).toBe('Stop');
  });

  it('asks for what its buttons say', async () => {
    const { page, server } = await open();
    await setState(page, 'ready');
    await page.click('#restart');
    await page.click('#stop');
    await setState(page, 'stopped');
    await page.click('#stop');
    expect(await page.evaluate(() => (globalThis as unknown as TestWindow).test.calls)).toEqual([
      'restart engine',
      'stop engine',
      'start engine',
    ]);
    await setState(page, 'ready');
    await page.click('#crash');
    await expect.poll(() => server.requests).toContain('POST /api/crash');
    await page.click('#report');
    await page.frameLocator('#report-frame').locator('h1:has-text("Report")').waitFor();
  });

  it('chooses another signal', async () => {
    const { page, server } = await open();
    await setState(page, 'ready');
    await page.click('role=radio[name="Heartbeat"]');
    await page.waitForSelector('[role=radio][aria-checked=true]:has-text("Heartbeat")');
    expect(server.requests).toContain('PUT /api/signals/heartbeat');
    expect(await page.textContent('#unit')).toBe('mV');
  });

  it.each(['light', 'dark'] as const)(
    'saves diagnostics by keyboard and tells what came of it, %s',
    async (colorScheme) => {
      const { page, problems } = await open();
      await page.emulateMedia({ colorScheme });
      // Also, and above all, of a backend that does not run.
      await setState(page, 'failed', { error: { message: 'exit code 3' } });
      const button = page.getByRole('button', { name: 'Save diagnostics' });
      const result = page.locator('#diagnostics-result[role=status]');
      const save = async (tell: 'answer' | 'refuse' | null, text: string): Promise<void> => {
        await page.evaluate(
          ([name, value]) => name !== null && (globalThis as unknown as TestWindow).test[name](value),
          [tell, text] as const,
        );
        await page.keyboard.press('Enter');
      };
      await button.focus();
      await save('answer', '/home/me/diagnostics.zip');
      await expect.poll(() => result.textContent()).toBe('Saved as /home/me/diagnostics.zip');
      await save('refuse', 'ENOSPC');
      await expect.poll(() => result.textContent()).toBe('Not saved: ENOSPC');
      await save(null, '');
      await expect.poll(() => result.textContent()).toBe('');
      expect(await page.evaluate('document.activeElement.id')).toBe('diagnostics');
      expect(await page.evaluate(() => (globalThis as unknown as TestWindow).test.calls)).toEqual(
        Array.from({ length: 3 }, () => 'save diagnostics'),
      );
      // Legible: the text of the button against what is behind it (WCAG AA).
      expect(await page.evaluate(contrastOfButton)).toBeGreaterThan(4.5);
      expect(problems).toEqual([]);
    },
  );

  it('says why the backend failed', async () => {
    const { page } = await open();
    await setState(page, 'failed', {
      error: { message: 'The program ended with exit code 3.\nsecond line' },
    });
    expect(await page.textContent('#text')).toBe('The program ended with exit code 3.');
    expect(await page.getAttribute('#text', 'title')).toContain('second line');
  });

  it('shows log lines as text, errors marked, the newest in sight', async () => {
    const { page, problems } = await open();
    await page.evaluate(() => {
      const { test } = globalThis as unknown as TestWindow;
      for (let index = 0; index < 400; index += 1) test.log(`2026-01-31 12:34:56,789 INFO     line ${index}`);
      test.log('2026-01-31 12:34:57,000 ERROR    <img src=x onerror=alert(1)>');
    });
    const last = page.locator('#log li').last();
    expect(await last.textContent()).toBe('12:34:57ERROR    <img src=x onerror=alert(1)>');
    expect(await last.getAttribute('data-level')).toBe('error');
    expect(await page.locator('#log li').count()).toBe(300);
    expect(await page.textContent('#log-count')).toBe('402 lines');
    const distance = await page
      .locator('#log')
      .evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
    expect(distance).toBeLessThan(4);
    expect(problems).toEqual([]);
  });
});
