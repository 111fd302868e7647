import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { createProxyHandler } from '../../src/runtime/index.js';
import { freezeTarget, runFrozen, runUnprotected, type Target } from './backends.js';
import { attack, chromiumFile, lootOf, startBrowser, startHostileSite, startSite } from './browser.js';
import type { Loot, Site } from './browser.js';
import { startFront } from './front.js';

/** What each attack gets from a program that is open to everybody, so that an attack that fails fails for a reason. */
const everything: Readonly<Record<string, Loot>> = {
  fetch: 'secret',
  'fetch with credentials': 'secret',
  'fetch no-cors': 'change',
  'fetch under the name localhost': 'secret',
  'fetch under the address 0.0.0.0': 'secret',
  'fetch with a guessed token': 'secret',
  'POST with a header of its own': 'secret and change',
  'fetch from a sandboxed frame': 'secret',
  'POST of JSON': 'secret and change',
  'POST of JSON as text': 'change',
  PUT: 'secret and change',
  DELETE: 'secret and change',
  form: 'change',
  'form that looks like JSON': 'change',
  'form from a sandboxed frame': 'change',
  beacon: 'change',
  picture: 'secret',
  'picture that changes something': 'change',
  script: 'secret',
  'style sheet': 'secret',
  EventSource: 'secret',
  'EventSource with credentials': 'secret',
  WebSocket: 'secret and change',
  'WebSocket with a token as protocol': 'secret and change',
  'WebSocket with a token as user name': 'secret and change',
  'WebSocket from a sandboxed frame': 'secret',
  frame: 'secret',
};

const nothing = Object.fromEntries(Object.keys(everything).map((name) => [name, 'nothing']));

/**
 * Hostile pages in a real browser against a real frozen backend under the production runtime. Everything is on this computer, where a
 * browser's own rules about private networks do not come to the backend's help. Names under `.test` lead here, as an attacker's own
 * name does after DNS rebinding.
 */
describe.skipIf(chromiumFile === null)('a page in Chromium', () => {
  let frozen: FrozenBackend;
  let browser: Browser;
  let hostile: Site;

  beforeAll(async () => {
    frozen = await freezeTarget();
    hostile = await startHostileSite();
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await hostile?.close();
  });

  async function withPage<Result>(url: string, work: (page: Page) => Promise<Result>): Promise<Result> {
    const page = await browser.newPage();
    try {
      await page.goto(url);
      return await work(page);
    } finally {
      await page.close();
    }
  }

  /** Loot of a page of another site. */
  async function lootOfOtherSite(target: Target, base = target.url()) {
    return withPage(`http://evil.test:${hostile.port}/`, async (page) =>
      lootOf(await attack(page, base, target.countChanges), target.secret),
    );
  }

  /** Loot of a page whose own name leads to the backend by now: for the browser its requests go to its own origin. */
  async function lootOfRebinding(target: Target) {
    const base = `http://evil.test:${new URL(target.url()).port}`;
    return withPage(`${base}/`, async (page) =>
      lootOf(await attack(page, base, target.countChanges), target.secret),
    );
  }

  /** What a frame in a page of another site displays: its visitor could be led to click there. */
  async function shownInFrame(target: Target): Promise<string> {
    return withPage(`http://evil.test:${hostile.port}/`, async (page) => {
      await page.setContent(`<iframe src="${target.url()}/page"></iframe>`);
      const [, frame] = page.frames();
      await frame?.waitForLoadState();
      return (await frame?.content()) ?? '';
    });
  }

  test('gets everything from a program without protection', async () => {
    await using target = await runUnprotected(frozen);
    expect(await lootOfOtherSite(target)).toEqual(everything);
    expect(await shownInFrame(target)).toContain(target.secret);
    const own = await lootOfRebinding(target);
    expect(Object.entries(own).filter(([, loot]) => loot === 'nothing')).toEqual([]);
    expect(own).toMatchObject({ form: 'secret and change', 'POST of JSON': 'secret and change' });
  });

  test('gets nothing from a backend, from another site and after DNS rebinding', async () => {
    await using target = await runFrozen(frozen);
    expect(await lootOfOtherSite(target)).toEqual(nothing);
    expect(await lootOfRebinding(target)).toEqual(nothing);
    expect(await shownInFrame(target)).toContain('the token of this launch is missing');
    // The same requests with the token: what was refused is there.
    const token = target.backend.token() ?? '';
    const headers = { 'x-electron-pyinstaller-token': token };
    expect(await (await fetch(`${target.url()}/secret`, { headers })).json()).toEqual({
      secret: target.secret,
    });
    expect((await fetch(`${target.url()}/secret`)).status).toBe(401);
    expect(await webSocketSays(`${target.url()}/ws`, headers)).toBe(target.secret);
    expect(await webSocketSays(`${target.url()}/ws`, {})).toBe('refused');
    expect(await target.countChanges()).toBe(0);
    await target.backend.fetch('/change', { method: 'POST' });
    expect(await target.countChanges()).toBe(1);
  });

  test('gets from a backend without `auth.token` what needs no Origin, and nothing by DNS rebinding', async () => {
    await using target = await runFrozen(frozen, { token: false });
    expect(await lootOfRebinding(target)).toEqual(nothing);
    expect(await lootOfOtherSite(target)).toEqual({
      ...nothing,
      // Plain GETs, as any page may cause them anywhere: see docs/security.md.
      'fetch no-cors': 'change',
      picture: 'secret',
      'picture that changes something': 'change',
      script: 'secret',
      'style sheet': 'secret',
      frame: 'secret',
    });
  });

  test('of the app uses the backend through the proxy without ever holding the token, others do not', async () => {
    await using target = await runFrozen(frozen);
    const token = target.backend.token() ?? '';
    const appSite = await startSite((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>app</title>');
    });
    const origin = `http://app.test:${appSite.port}`;
    const front = await startFront(createProxyHandler(target.backend, { allowOrigins: [origin] }));
    try {
      const base = `http://127.0.0.1:${front.port}`;
      expect(await lootOfOtherSite(target, base)).toEqual(nothing);
      await withPage(origin, async (page) => {
        const traffic: string[] = [];
        page.on('response', (response) => {
          traffic.push(JSON.stringify([response.request().headers(), response.headers()]));
        });
        const ask = <Result>(script: string): Promise<Result> =>
          page.evaluate<Result>(`(async (base) => { ${script} })(${JSON.stringify(base)})`);
        expect(await ask("return (await fetch(base + '/secret')).json()")).toEqual({ secret: target.secret });
        const posted = await ask(
          `const body = JSON.stringify({ text: 'x'.repeat(3_000_000) });
           const headers = { 'content-type': 'application/json', 'x-own': '1' };
           return (await fetch(base + '/upload', { method: 'POST', headers, body })).json()`,
        );
        expect(posted).toEqual({ size: 3_000_011, type: 'application/json', origin: null });
        const delays = await ask<number[]>(
          `const source = new EventSource(base + '/events');
           const seen = [];
           await new Promise((resolve, reject) => {
             source.onerror = () => reject(new Error('refused'));
             source.onmessage = (event) => {
               seen.push([performance.now(), event.data]);
               if (seen.length === 6) resolve();
             };
           });
           source.close();
           return seen.map(([at], index) => (index === 0 ? 0 : at - seen[index - 1][0]))`,
        );
        // One a tenth of a second, as the backend sends them: not held back and delivered together.
        expect(delays.slice(1).reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(250);
        expect(traffic.length).toBeGreaterThanOrEqual(3);
        expect(traffic.join('\n')).not.toContain(token);
        expect(traffic.join('\n').toLowerCase()).not.toContain('x-electron-pyinstaller-token');
        const everythingThere =
          'return document.documentElement.outerHTML + JSON.stringify([{...localStorage}])';
        expect(await ask(everythingThere)).not.toContain(token);
      });
    } finally {
      await front.close();
      await appSite.close();
    }
  });
});

/** First message of a WebSocket, or `refused`. */
function webSocketSays(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  // Node's takes headers, which browsers' do not.
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers } as unknown as string[]);
  return new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      socket.close();
      resolve(String(data));
    });
    socket.addEventListener('error', () => resolve('refused'));
  });
}
