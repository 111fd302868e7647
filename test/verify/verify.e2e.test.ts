import { access, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { copyBundle } from '../../src/bundle/copy.js';
import type { PyInstallerError } from '../../src/errors.js';
import type { EngineEvent } from '../../src/report.js';
import { verifyBundle, type VerifyResult } from '../../src/verify/index.js';
import { temporaryFolder } from '../support/files.js';
import { frozenBackend, verifyInput } from './frozen.js';
import { misbehavingConfig, misbehavingFiles } from './misbehaving.js';

const places = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('epy vérify-'));

describe('verifyBundle with a real frozen HTTP backend', () => {
  let frozen: FrozenBackend;
  beforeAll(async () => {
    frozen = await frozenBackend(misbehavingFiles, misbehavingConfig);
  });
  const verify = (
    expected: Parameters<typeof verifyInput>[1] = {},
    settings: Parameters<typeof verifyInput>[2] = {},
  ): Promise<VerifyResult> => verifyBundle(verifyInput(frozen, expected, settings));
  const mode = (name: string): { env: Record<string, string> } => ({ env: { MODE: name } });

  it('passes, tells how long it took and what it did, and leaves nothing behind', async () => {
    const before = await places();
    const events: EngineEvent[] = [];
    const input = verifyInput(frozen, {
      imports: ['services.training', 'json'],
      files: ['config/app.json'],
      http: [
        { path: '/config', status: null, contains: 'grüß' },
        { path: '/absent', status: 404, contains: 'no such page' },
      ],
      startWithinMs: 30_000,
      maxSizeBytes: 500_000_000,
    });
    const result = await verifyBundle(input, { report: (event) => events.push(event) });
    expect(result).toMatchObject({ backend: 'engine', ran: true, warnings: [] });
    expect(result.startupMs).toBeGreaterThan(20);
    expect(result.stopMs).toBeGreaterThanOrEqual(0);
    expect(result.facts.binaries).toBeGreaterThan(5);
    expect(events.map((event) => event.type === 'stage' && event.stage)).toEqual([
      'verify',
      'verify',
      'verify',
      'verify',
      'verify',
    ]);
    expect(await places()).toEqual(before);
  });

  it('runs it without Python, in an empty home, in a folder with a space and a letter outside ASCII', async () => {
    process.env['PYTHONPATH'] = '/somewhere';
    process.env['CONDA_PREFIX'] = '/conda';
    onTestFinished(() => {
      delete process.env['PYTHONPATH'];
      delete process.env['CONDA_PREFIX'];
    });
    const shows = (contains: string) => ({ path: '/environment', status: 200, contains });
    await verify({
      http: [shows('"python": [null, null, null]'), shows('"home": []'), shows('/sh"'), shows('Mein Äpp')],
    });
    const rejected = verify({ http: [shows('CONDA_PREFIX')] });
    await expect(rejected).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining('expected was a body with "CONDA_PREFIX"'),
    });
    await expect(rejected).rejects.not.toThrow(/PYTHONPATH/);
  });

  it('names the line for a module that is missing', async () => {
    await expect(verify({}, mode('missing-module'))).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      backend: 'engine',
      hint: expect.stringContaining(
        "Add `hiddenImports: ['services.absent']` to backends.engine in pyinstaller.config.json.",
      ),
    });
  });

  it('names the line for metadata that is missing', async () => {
    await expect(verify({}, mode('missing-metadata'))).rejects.toMatchObject({
      hint: expect.stringContaining("collect: { metadata: ['Not-There'] }"),
    });
  });

  it('names the line for a data file that is missing', async () => {
    await expect(verify({}, mode('missing-file'))).rejects.toMatchObject({
      hint: expect.stringContaining("to: 'config' }]"),
    });
  });

  it('reports a program that ends, with its last words', async () => {
    await expect(verify({}, mode('exit'))).rejects.toThrow(/exit code 3[^]*\| nothing to do today/);
    await expect(verify({}, mode('abort'))).rejects.toThrow(/SIGABRT/);
  });

  it('reports a program that never becomes ready, and ends it', async () => {
    const { ready } = frozen.manifest.settings;
    const before = performance.now();
    await expect(verify({}, { ...mode('hang'), ready: { ...ready, timeoutMs: 1500 } })).rejects.toThrow(
      /not ready after/,
    );
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('compares the start with startWithinMs', async () => {
    await expect(verify({ startWithinMs: 1000 }, mode('slow'))).rejects.toThrow(
      /ready after \d+ ms; `verify.startWithinMs` allows 1000/,
    );
  });

  it('compares size and glibc floor with what is allowed, before running anything', async () => {
    await expect(verify({ maxSizeBytes: 1_000_000 })).rejects.toThrow(/more than the allowed 1.0 MB/);
    if (process.platform === 'linux')
      await expect(verify({ glibc: '2.5' })).rejects.toThrow(/newer glibc than the allowed 2.5/);
  });

  it('names modules that cannot be imported and files that are not there, all at once', async () => {
    const rejected = verify({
      imports: ['services.training', 'services.nope', 'numpy'],
      files: ['config/app.json', 'config/none.json'],
    });
    await expect(rejected).rejects.toThrow(
      /3 checks inside the frozen program failed[^]*services\.nope failed: ModuleNotFoundError[^]*numpy[^]*config\/none\.json is not in the bundle/,
    );
  });

  it('reports requests that are answered otherwise', async () => {
    await expect(verify({ http: [{ path: '/absent', status: null, contains: null }] })).rejects.toThrow(
      'GET /absent answered 404 with "no such page"; expected was a status below 400.',
    );
    await expect(verify({ http: [{ path: '/health', status: 201, contains: null }] })).rejects.toThrow(
      'expected was status 201',
    );
  });

  it('asks every request, also after a crash, and explains each that fails by its traceback', async () => {
    const paths = ['/absent-file', '/health', '/end', '/absent-module', '/config'];
    const rejected = verify({ http: paths.map((path) => ({ path, status: null, contains: null })) });
    await expect(rejected).rejects.toMatchObject({ code: 'ERR_VERIFY' });
    const error = await rejected.catch((reason: unknown) => reason as PyInstallerError);
    const { message, hint } = error as PyInstallerError;
    expect(message).toContain('3 of 5 requests of `verify.http` failed.');
    expect(message).toMatch(/GET \/absent-file answered 500[^]*\| FileNotFoundError: [^]*absent\.json/);
    expect(message).toMatch(/GET \/end failed: [^\n]*exit code 3/);
    expect(message).toMatch(/GET \/absent-module answered 500[^]*\| ModuleNotFoundError: /);
    expect(hint).toMatch(/GET \/absent-file: [^]*data: \[\{ from: '[^']*absent\.json'/);
    expect(hint).toMatch(/GET \/absent-module: [^]*hiddenImports: \['services\.absent'\]/);
    expect(message).not.toMatch(/`tail`|GET \/health|GET \/config/);
  });

  it.runIf(process.platform === 'linux')('finds and ends processes that outlive the program', async () => {
    await expect(verify({}, mode('leave'))).rejects.toThrow(
      /a process of it remained: \d+ \(\/bin\/sleep 300\)/,
    );
  });

  it.runIf(process.getuid?.() === 0)('warns about a program that writes into its own folder', async () => {
    const { warnings } = await verify({}, mode('write'));
    expect(warnings).toEqual([
      expect.stringMatching(/changed files in its own folder.*written\.txt.*user_data/),
    ]);
  });

  it('notices a file that is not the one that was frozen', async () => {
    const copy = path.join(await temporaryFolder(), 'bundle');
    await copyBundle(frozen.bundleDir, copy);
    await writeFile(path.join(copy, '_internal/config/app.json'), '{"greeting": "gruß!"}');
    await expect(verifyBundle({ ...verifyInput(frozen), bundleDir: copy })).rejects.toThrow(
      /config\/app\.json/,
    );
  });

  it('looks only at headers when it is told to, or when the program is for another system', async () => {
    expect(await verify({ run: false }, mode('exit'))).toMatchObject({
      ran: false,
      startupMs: null,
      warnings: [],
    });
    const input = verifyInput(frozen);
    const other = {
      ...input,
      backend: { ...input.backend, target: { platform: 'linux', arch: 'armv7l' } as const },
    };
    await expect(verifyBundle(other)).rejects.toThrow(/not for armv7l/);
  });

  it('can be cancelled at any moment and leaves nothing behind', async () => {
    const before = await places();
    for (const afterMs of [0, 30, 150, 400, 800]) {
      const controller = new AbortController();
      const verification = verifyBundle(verifyInput(frozen, {}, mode('hang')), { signal: controller.signal });
      void setTimeout(afterMs).then(() => controller.abort());
      await expect(verification).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    }
    expect(await places()).toEqual(before);
  });
});

describe('verifyBundle with a onefile program', () => {
  it('runs it and finds no unpacked files left', async () => {
    const frozen = await frozenBackend(misbehavingFiles, {
      ...misbehavingConfig,
      pyinstaller: { mode: 'onefile' },
    });
    const result = await verifyBundle(
      verifyInput(frozen, {
        files: ['config/app.json'],
        imports: ['services.training'],
        http: [{ path: '/config', status: null, contains: 'grüß' }],
      }),
    );
    expect(result).toMatchObject({ ran: true, warnings: [] });
    expect(result.facts.binaries).toBeGreaterThan(5);
    await access(path.join(frozen.bundleDir, 'engine'));
  });
});

describe('verifyBundle with a job', () => {
  const job = {
    'backend/job.py': `
import sys

def main():
    if sys.argv[1:2] == ["fail"]:
        print("the input is empty")
        return 4
    print("done", sys.argv[1:])
    return 0
`,
  };
  let frozen: FrozenBackend;
  beforeAll(async () => {
    frozen = await frozenBackend(job, { kind: 'job', entry: { call: 'job:main' } });
  });

  it('runs it with the arguments of `verify.args`', async () => {
    expect(await verifyBundle(verifyInput(frozen, { args: ['work'] }))).toMatchObject({
      ran: true,
      stopMs: null,
      warnings: [],
    });
  });

  it('reports its exit code and output', async () => {
    await expect(verifyBundle(verifyInput(frozen, { args: ['fail'] }))).rejects.toThrow(
      /run with \["fail"\], the job ended with exit code 4[^]*\| the input is empty/,
    );
  });

  it('only imports it when no arguments are given', async () => {
    expect(await verifyBundle(verifyInput(frozen))).toMatchObject({ ran: true, startupMs: null });
    await expect(verifyBundle(verifyInput(frozen, { imports: ['absent'] }))).rejects.toThrow(
      /importing absent failed/,
    );
  });
});
