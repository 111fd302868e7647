import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { ResolvedBackend } from '../../src/config/index.js';
import { PyInstallerError } from '../../src/errors.js';
import { cleanCache } from '../../src/freeze/cache/clean.js';
import { entryDir, listEntries, lookUp } from '../../src/freeze/cache/store.js';
import { explainBackend } from '../../src/freeze/explain-backend.js';
import type { FreezeOptions } from '../../src/freeze/types.js';
import { verifyBundle } from '../../src/verify/verify.js';
import { freeze } from './support/project.js';
import { ownProject } from './support/quick-build.js';
import { loadConfig, resolveConfig } from '../../src/config/index.js';
import { hostTarget } from '../../src/target.js';

const run = promisify(execFile);
const stages = (events: Awaited<ReturnType<typeof freeze>>['events']): string[] =>
  events.flatMap((event) => (event.type === 'stage' ? [event.stage] : []));

async function projectBackend(projectDir: string, cacheDir: string): Promise<ResolvedBackend> {
  const [backend] = resolveConfig(await loadConfig({ projectDir }), {
    target: hostTarget(),
    cacheDir,
  }).backends;
  if (backend === undefined) throw new Error('no backend');
  return backend;
}

function withArgs(backend: ResolvedBackend, args: readonly string[]): ResolvedBackend {
  return { ...backend, verify: { ...backend.verify, args: [...args] } };
}

async function failureOf(
  backend: ResolvedBackend,
  options: Partial<FreezeOptions>,
): Promise<PyInstallerError> {
  const error = await freeze(backend, options).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PyInstallerError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

/** Fails unless it is called with `good`; the build warns of the file. */
const tool = `
import sys
from pathlib import Path
if len(sys.argv) > 9:
    print((Path(__file__).parent / "words.txt").read_text())
print("tool", sys.argv[1:])
raise SystemExit(0 if sys.argv[1:] == ["good"] else 3)
`;

test('a bundle that fails its check is kept, starts by hand, and is checked again without a freeze', async () => {
  const { projectDir, cacheDir } = await ownProject(
    { 'backend/tool.py': tool, 'backend/words.txt': 'w' },
    { kind: 'job', entry: 'backend/tool.py' },
  );
  const options = { cacheDir };
  const backend = await projectBackend(projectDir, cacheDir);
  const warnings: string[] = [];
  const failed = await failureOf(withArgs(backend, ['bad']), {
    ...options,
    report: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
    },
  });
  expect(failed.code).toBe('ERR_VERIFY');
  // What the build warns of is most likely the cause.
  expect(warnings).toEqual([expect.stringContaining('words.txt')]);

  // The command of the message is the program in the cache.
  const command = /Start it by hand: (.*)/.exec(failed.message)?.[1] ?? '';
  expect(command).toContain(cacheDir);
  if (process.platform !== 'win32')
    await expect(run('sh', ['-c', command.replace(/ bad$/, ' good')])).resolves.toMatchObject({
      stdout: expect.stringContaining("tool ['good']") as string,
    });

  // Unchanged: refused again, and nothing was frozen.
  const [entry] = await listEntries(cacheDir);
  expect(entry?.sizeBytes).toBeGreaterThan(0);
  const again = await failureOf(withArgs(backend, ['bad']), {
    ...options,
    report: (event) => expect(event.type === 'stage' && event.stage).not.toBe('start'),
  });
  expect(again.code).toBe('ERR_VERIFY');
  expect(await explainBackend(withArgs(backend, ['good']), options)).toMatchObject({
    cached: true,
    reason: expect.stringContaining('its checks are run again') as string,
  });

  // Two builds at once with the check mended: none freezes, one checks.
  let checks = 0;
  const counted: Partial<FreezeOptions> = {
    ...options,
    verify: (input, verifyOptions) => {
      checks += 1;
      return verifyBundle(input, verifyOptions);
    },
  };
  const mended = await Promise.all([
    freeze(withArgs(backend, ['good']), counted),
    freeze(withArgs(backend, ['good']), counted),
  ]);
  expect(mended.map(({ frozen }) => frozen.cached)).toEqual([true, true]);
  expect(mended.flatMap(({ events }) => stages(events))).not.toContain('start');
  expect(checks).toBe(1);

  // A check that was passed does not speak for another one.
  await failureOf(withArgs(backend, ['worse']), options);
});

test('a bundle whose check was cancelled is checked by the next build', async () => {
  const { projectDir, cacheDir } = await ownProject();
  const backend = await projectBackend(projectDir, cacheDir);
  const stop = new AbortController();
  const cancelled = await failureOf(backend, {
    cacheDir,
    signal: stop.signal,
    verify: async (_input, { signal }) => {
      stop.abort();
      signal?.throwIfAborted();
      return Promise.reject(new Error('not cancelled'));
    },
  });
  expect(cancelled.code).toBe('ERR_CANCELLED');
  let checks = 0;
  const verify: FreezeOptions['verify'] = () => {
    checks += 1;
    return Promise.resolve({ startupMs: 1, warnings: [] });
  };
  const { frozen, events } = await freeze(backend, { cacheDir, verify });
  expect(frozen.cached).toBe(true);
  expect(stages(events)).not.toContain('start');
  await freeze(backend, { cacheDir, verify });
  expect(checks).toBe(1);
});

test('cleaning leaves a bundle that is being checked, and --force makes another one', async () => {
  const { projectDir, cacheDir } = await ownProject();
  const backend = await projectBackend(projectDir, cacheDir);
  const cleaned: number[] = [];
  const { frozen } = await freeze(backend, {
    cacheDir,
    verify: async () => {
      cleaned.push((await cleanCache(cacheDir)).removedBundles);
      return { startupMs: 1, warnings: [] };
    },
  });
  expect(cleaned).toEqual([0]);
  await access(frozen.bundleDir);
  const refused = await failureOf(backend, {
    cacheDir,
    force: true,
    verify: () => Promise.reject(new PyInstallerError('ERR_VERIFY', 'no')),
  });
  expect(refused.message).toContain('The bundle is kept');
  // What passed before is still there, and the new one beside it.
  expect(await lookUp(cacheDir, frozen.key, backend.target.platform)).toMatchObject({
    state: 'hit',
    result: { verified: expect.any(String) as string },
  });
  expect((await cleanCache(cacheDir)).removedBundles).toBe(2);
  await expect(access(entryDir(cacheDir, frozen.key))).rejects.toThrow();
});
