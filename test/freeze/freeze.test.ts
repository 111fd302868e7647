import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { loadConfig, resolveConfig, type ResolvedBackend } from '../../src/config/index.js';
import { PyInstallerError } from '../../src/errors.js';
import { listEntries } from '../../src/freeze/cache/store.js';
import { explainBackend, freezeBackend } from '../../src/freeze/index.js';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import type { FreezeOptions } from '../../src/freeze/types.js';
import type { EngineEvent } from '../../src/report.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { foreignBundles } from '../support/foreign.js';
import { verifyBundle } from '../../src/verify/verify.js';

// A bundle for another system takes the whole way but for running Python and the program.
const target = { platform: 'darwin', arch: 'x64' } as const;

let cacheDir: string;
let projectDir: string;
let prebuilt: string;

beforeEach(async () => {
  cacheDir = path.join(await temporaryFolder(), 'cache');
  projectDir = await writeFiles({ 'package.json': '{}', 'backend/main.py': '' });
  prebuilt = (await foreignBundles(path.join(projectDir, 'prebuilt')))['darwin-x64'] ?? '';
});

async function backendOf(changes: object = {}): Promise<ResolvedBackend> {
  const engine = {
    entry: { asgi: 'main:app' },
    source: 'backend',
    prebuilt: { 'darwin-x64': prebuilt },
    ...changes,
  };
  await writeFiles({ 'pyinstaller.config.json': JSON.stringify({ backends: { engine } }) }, projectDir);
  const [backend] = resolveConfig(await loadConfig({ projectDir }), { target, cacheDir }).backends;
  if (backend === undefined) throw new Error('no backend');
  return backend;
}

interface Run {
  readonly frozen: FrozenBackend;
  readonly events: readonly EngineEvent[];
  readonly warned: readonly string[];
  readonly checked: boolean;
}

async function freeze(backend: ResolvedBackend, options: Partial<FreezeOptions> = {}): Promise<Run> {
  const events: EngineEvent[] = [];
  const frozen = await freezeBackend(backend, {
    cacheDir,
    verify: verifyBundle,
    report: (event) => events.push(event),
    ...options,
  });
  const warned = events.filter((event) => event.type === 'warning').map(({ message }) => message);
  const checked = events.some((event) => event.type === 'stage' && event.stage === 'verify');
  return { frozen, events, warned, checked };
}

const notStarted = expect.stringContaining('engine was not started: it is for darwin-x64') as string;

test('what the checks warn of is told and returned, also when the bundle comes from the cache', async () => {
  const backend = await backendOf();
  for (const cached of [false, true]) {
    const { frozen, warned, checked } = await freeze(backend);
    expect({ cached: frozen.cached, checked }).toEqual({ cached, checked: !cached });
    expect(frozen.warnings).toEqual([notStarted]);
    expect(warned).toEqual(frozen.warnings);
  }
});

test('a bundle in the cache is checked again with changed settings of the checks, once', async () => {
  const first = await freeze(await backendOf());
  const changed = await backendOf({ verify: { run: false } });
  const second = await freeze(changed);
  expect(second.frozen).toMatchObject({ cached: true, key: first.frozen.key, warnings: [] });
  expect(second.checked).toBe(true);
  expect(await freeze(changed)).toMatchObject({ checked: false, warned: [] });
  // What was not warned of before is, from now on.
  expect(await freeze(await backendOf())).toMatchObject({ checked: true, warned: [notStarted] });
  expect(await freeze(await backendOf())).toMatchObject({ checked: false, warned: [notStarted] });
  await expect(freeze(await backendOf({ verify: { maxSize: '1 B' } }))).rejects.toMatchObject({
    code: 'ERR_VERIFY',
  });
});

test('a forced build makes the bundle anew although the cache has it', async () => {
  const backend = await backendOf();
  const { frozen } = await freeze(backend);
  // In the cache, whatever it says now.
  await writeFile(path.join(frozen.bundleDir, '_internal/config/app.json'), '{"arch":"x64"}');
  expect((await freeze(backend, { force: true })).frozen.cached).toBe(false);
});

test('a forced build that does not pass its checks leaves the bundle that passed, and is kept beside it', async () => {
  const backend = await backendOf();
  const good = (await freeze(backend)).frozen;
  const verify: FreezeOptions['verify'] = (input) =>
    Promise.reject(new PyInstallerError('ERR_VERIFY', `not good: ${input.bundleDir}`));
  const failure = await freeze(backend, { force: true, verify }).then(
    () => null,
    (error: unknown) => error as PyInstallerError,
  );
  expect(failure?.message).toContain('The one that passed before is still in the cache');
  const refused = /not good: (.*)/.exec(failure?.message ?? '')?.[1] ?? '';
  expect(refused).not.toBe(good.bundleDir);
  expect(await readdir(refused)).toEqual(await readdir(good.bundleDir));
  expect(await freeze(backend)).toMatchObject({ checked: false, frozen: { cached: true } });
  // One that passes takes its place.
  const forced = await freeze(backend, { force: true });
  expect(forced.frozen).toMatchObject({ cached: false, bundleDir: good.bundleDir });
  expect((await listEntries(cacheDir)).map(({ key }) => key)).toEqual([good.key]);
  expect(await freeze(backend)).toMatchObject({ checked: false, frozen: { cached: true } });
});

test('what a build would do with a prebuilt bundle is told by what the cache has', async () => {
  const backend = await backendOf();
  const explained = () => explainBackend(backend, { cacheDir });
  expect(await explained()).toMatchObject({
    cached: false,
    reason: `prebuilt in ${prebuilt}; it is copied into the cache and checked`,
  });
  const { frozen } = await freeze(backend);
  expect(await explained()).toMatchObject({
    cached: true,
    key: frozen.key,
    reason: `prebuilt in ${prebuilt}`,
  });
});

test('a bundle that does not pass is refused each time, and taken as it is when the checks allow it', async () => {
  const strict = await backendOf({ verify: { maxSize: '1 B' } });
  const refused = { code: 'ERR_VERIFY', backend: 'engine' };
  await expect(freeze(strict)).rejects.toMatchObject(refused);
  await expect(freeze(strict)).rejects.toMatchObject(refused);
  expect((await freeze(await backendOf())).frozen.cached).toBe(true);
  await expect(freeze(strict)).rejects.toMatchObject(refused);
});

test('another bundle in the same place is another freeze, and the reason is told', async () => {
  const backend = await backendOf();
  const before = await freeze(backend);
  await writeFile(path.join(prebuilt, '_internal/config/app.json'), '{"arch":"x64","more":1}');
  const after = await freeze(backend);
  expect(after.frozen.cached).toBe(false);
  expect(after.frozen.key).not.toBe(before.frozen.key);
  expect(after.events.find((event) => event.type === 'detail')).toMatchObject({
    text: expect.stringMatching(/^Freezing, because /) as string,
  });
});

test('a cancelled freeze is told as cancelled, before it begins and while it works', async () => {
  const backend = await backendOf();
  await expect(freeze(backend, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ERR_CANCELLED',
  });
  const stop = new AbortController();
  const report = (event: EngineEvent): void => {
    if (event.type === 'stage' && event.stage === 'prebuilt') stop.abort();
  };
  await expect(freeze(backend, { signal: stop.signal, report })).rejects.toMatchObject({
    code: 'ERR_CANCELLED',
  });
  expect((await freeze(backend)).frozen.cached).toBe(false);
});

test('two freezes of the same bundle at once make it once', async () => {
  const backend = await backendOf();
  const runs = await Promise.all([freeze(backend), freeze(backend)]);
  expect(runs.filter(({ frozen }) => frozen.cached)).toHaveLength(1);
});

test('a backend for another system that nobody froze elsewhere is refused with what to do', async () => {
  const backend = { ...(await backendOf()), prebuilt: null };
  const other = process.platform === 'darwin' ? 'win32' : 'darwin';
  await expect(freeze({ ...backend, target: { platform: other, arch: 'x64' } })).rejects.toMatchObject({
    code: 'ERR_TARGET',
    hint: expect.stringContaining(`prebuilt: { '${other}-x64'`) as string,
  });
});
