import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

/** The machine's Chromium, which `CHROMIUM` may name; null: there is none. */
export const chromiumFile: string | null =
  [
    process.env['CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((file) => file !== undefined && existsSync(file)) ?? null;

/** Start a browser for which every name under `.test` is this computer, as after DNS rebinding. */
export function startBrowser(): Promise<Browser> {
  if (chromiumFile === null) throw new Error('no Chromium');
  return chromium.launch({
    executablePath: chromiumFile,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
    ],
  });
}

/** A server on this computer under any name; ends with {@link Site.close}. */
export interface Site {
  readonly port: number;
  close(): Promise<void>;
}

/** Listen on a free port of 127.0.0.1. */
export async function startSite(listener: RequestListener): Promise<Site> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The site of somebody who means harm. */
export function startHostileSite(): Promise<Site> {
  return startSite((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>kittens</title><p>kittens</p>');
  });
}

/** What an attack achieved. */
export interface Outcome {
  /** What it read, cut. */
  readonly read: string;
  /** How often it changed the backend's state. */
  readonly changes: number;
}

const attacks = readFileSync(path.join(import.meta.dirname, 'attacks.js'), 'utf8');

/**
 * Run every attack from a page that is open, one after the other.
 *
 * @param base Where the backend is, as the page names it.
 * @param countChanges Asks the backend (with its token) how often it was changed.
 */
export async function attack(
  page: Page,
  base: string,
  countChanges: () => Promise<number>,
): Promise<Readonly<Record<string, Outcome>>> {
  await page.addScriptTag({ content: attacks });
  const names = await page.evaluate<string[]>('Object.keys(attacks)');
  const outcomes: Record<string, Outcome> = {};
  for (const name of names) {
    const before = await countChanges();
    const call = `attacks[${JSON.stringify(name)}](${JSON.stringify(base)})`;
    const read = await page.evaluate<string>(call);
    outcomes[name] = { read: read.slice(0, 300), changes: (await countChanges()) - before };
  }
  return outcomes;
}

/** What the outcome of an attack means. */
export type Loot = 'nothing' | 'secret' | 'change' | 'secret and change';

/** Sum up outcomes: was the secret read (by its text, or by the size of the picture), was anything changed? */
export function lootOf(
  outcomes: Readonly<Record<string, Outcome>>,
  secret: string,
): Readonly<Record<string, Loot>> {
  return Object.fromEntries(
    Object.entries(outcomes).map(([name, { read, changes }]) => {
      const hasRead = read.includes(secret) || read === 'width 37';
      const loot = hasRead
        ? changes > 0
          ? 'secret and change'
          : 'secret'
        : changes > 0
          ? 'change'
          : 'nothing';
      return [name, loot];
    }),
  );
}
