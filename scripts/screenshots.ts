/**
 * `npm run build && npm run screenshots`: freezes the backend of example-app, starts it with the runtime, and writes pictures of its
 * page and of the size report, as Chromium shows them, to docs/images. The window of an app looks like the page, without a frame.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { FrozenBackend } from '../dist/bundle/frozen.js';
import { loadConfig, resolveConfig } from '../dist/config/index.js';
import { createManifest, freezeBackend } from '../dist/freeze/index.js';
import { placeBackends } from '../dist/place/index.js';
import { createBackend, type Backend } from '../dist/runtime/index.js';
import { hostTarget } from '../dist/target.js';
import { verifyBundle } from '../dist/verify/index.js';
import { giveBridge, serveRealPage } from '../test/example-app/real-page.ts';
import { ensureSystemTools, findBrowser } from './system-tools.ts';

const root = path.resolve(import.meta.dirname, '..');
const projectDir = path.join(root, 'example-app');
const images = path.join(root, 'docs', 'images');
const cacheDir = path.join(root, '.cache', 'screenshots');
/** Of example-app's window. */
const viewport = { width: 1060, height: 760 };
/** Until the chart, which shows 30 seconds, is full. */
const chartMs = 32_000;

async function freeze(): Promise<FrozenBackend> {
  const loaded = await loadConfig({ projectDir });
  const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir }).backends;
  if (backend === undefined) throw new Error('example-app has no backend');
  return freezeBackend(backend, { cacheDir, verify: verifyBundle });
}

async function place(frozen: FrozenBackend, folder: string): Promise<Backend> {
  const resourcesPath = path.join(folder, 'resources');
  await placeBackends([frozen], resourcesPath);
  return createBackend({
    app: {
      isPackaged: true,
      getAppPath: () => folder,
      getPath: (name) => path.join(folder, name),
      on: () => undefined,
      quit: () => undefined,
    },
    name: frozen.backend.name,
    manifest: createManifest([frozen]),
    resourcesPath,
    stopOnQuit: false,
  });
}

async function showApp(page: Page, backend: Backend): Promise<void> {
  await giveBridge(page, backend, () => Promise.resolve(null));
  // The files of the program are read from the disk once; what the page shows is a start as users have it.
  await backend.start();
  await backend.stop();
  const served = await serveRealPage(backend);
  try {
    await page.goto(served.url);
    await backend.start();
    await page.click('role=radio[name="Heartbeat"]');
    await delay(chartMs);
    await picture(page, 'example-app');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'example-app-dark');
  } finally {
    served.close();
  }
}

async function showReport(page: Page, folder: string): Promise<void> {
  const file = path.join(folder, 'report.html');
  await execa(
    'node',
    [path.join(root, 'dist/cli/main.js'), 'report', '--project', projectDir, '--html', file],
    {
      env: { ELECTRON_PYINSTALLER_CACHE: cacheDir },
    },
  );
  await page.goto(pathToFileURL(file).href);
  await delay(500);
  await picture(page, 'size-report');
}

async function picture(page: Page, name: string): Promise<void> {
  const file = path.join(images, `${name}.png`);
  // Colours fade from one scheme to the other: the picture is of their end.
  await page.screenshot({ path: file, animations: 'disabled' });
  console.log(`${path.relative(root, file)}: written`);
}

async function withPage<T>(browser: Browser, use: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage({ viewport, colorScheme: 'light' });
  try {
    return await use(page);
  } finally {
    await page.close();
  }
}

await ensureSystemTools({ browser: true });
const executablePath = await findBrowser();
if (executablePath === null) throw new Error('No Chromium was found: install it (apt-get install chromium).');
await mkdir(images, { recursive: true });
const folder = await mkdtemp(path.join(os.tmpdir(), 'screenshots-'));
const frozen = await freeze();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const backend = await place(frozen, folder);
  try {
    await withPage(browser, (page) => showApp(page, backend));
  } finally {
    await backend[Symbol.asyncDispose]();
  }
  await withPage(browser, (page) => showReport(page, folder));
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
