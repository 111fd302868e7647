import { chmod, copyFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { digestBundle } from '../../src/bundle/index.js';
import type { EngineEvent } from '../../src/report.js';
import { hostTarget } from '../../src/target.js';
import { verifyBundle, type VerifyResult } from '../../src/verify/index.js';
import { fakeFrozen } from '../hosts/shared/fakes.js';
import { defaultSettings } from '../../src/runtime/default-settings.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import type { ResolvedBackend } from '../../src/config/resolved.js';
import { makeBackend } from '../freeze/support/project.js';
import { onlyOnLinux } from '../support/windows.js';

// The system's shell as a frozen job: a real program with real headers that does what its arguments say.
describe(
  'a bundle is judged by what it is and what it does',
  onlyOnLinux("the system's shell stands in for the program"),
  () => {
    let bundleDir: string;

    beforeEach(async () => {
      bundleDir = path.join(await temporaryFolder(), 'engine');
      await writeFiles({ '_internal/base_library.zip': 'PK' }, bundleDir);
      await copyFile('/bin/sh', path.join(bundleDir, 'engine'));
      await chmod(path.join(bundleDir, 'engine'), 0o755);
    });

    async function verify(
      wanted: Readonly<Record<string, unknown>>,
      changes: Partial<ResolvedBackend> = {},
      cacheDir?: string,
    ): Promise<VerifyResult & { readonly stages: readonly string[] }> {
      const configured = await makeBackend(
        { 'backend/main.py': '' },
        { kind: 'job', entry: 'backend/main.py', verify: wanted },
      );
      const backend = { ...configured, ...changes };
      const files = await digestBundle(bundleDir, { executable: 'engine', platform: 'linux' });
      const { manifest } = fakeFrozen(bundleDir, files, {
        kind: 'job',
        target: backend.target,
      });
      const stages: string[] = [];
      const report = (event: EngineEvent): void => {
        if (event.type === 'stage') stages.push(event.title);
      };
      const result = await verifyBundle(
        { backend, bundleDir, manifest: { ...manifest, settings: { ...defaultSettings, integrity: 'off' } } },
        { report, cacheDir },
      );
      return { ...result, stages };
    }

    test('a job that succeeds passes, without warnings', async () => {
      const { ran, warnings, startupMs, stages } = await verify({ args: ['-c', 'exit 0'] });
      expect({ ran, warnings }).toEqual({ ran: true, warnings: [] });
      expect(startupMs).toBeGreaterThan(0);
      expect(stages.at(-1)).toBe('Looking for what it left');
    });

    test('one that fails does not, and its last words are told', async () => {
      await expect(verify({ args: ['-c', 'echo no database >&2; exit 3'] })).rejects.toMatchObject({
        code: 'ERR_VERIFY',
        message: expect.stringContaining('no database') as string,
      });
    });

    test('modules that cannot be asked for without the companion are warned of', async () => {
      const { warnings } = await verify({ args: ['-c', 'exit 0'], imports: ['numpy'] });
      expect(warnings).toEqual([expect.stringContaining('`verify.imports` was not checked')]);
    });

    test('files are looked for, whether the program runs or not', async () => {
      for (const how of [{ args: ['-c', 'exit 0'] }, { run: false }]) {
        const missing = verify({ ...how, files: ['model.bin'] });
        await expect(missing).rejects.toMatchObject({
          message: expect.stringContaining('model.bin') as string,
        });
      }
      await writeFiles({ '_internal/model.bin': '' }, bundleDir);
      expect((await verify({ files: ['model.bin'], run: false })).ran).toBe(false);
    });

    test('a program that writes into its own folder is warned of: there it is installed read-only', async () => {
      const script = 'd=$(dirname "$(readlink /proc/$$/exe)"); chmod u+w "$d"; echo > "$d/written"';
      const { warnings } = await verify({ args: ['-c', script] });
      expect(warnings).toEqual([expect.stringMatching(/changed files in its own folder[^]*written/)]);
    });

    test('one that changes a library that the check shares with the bundle fails: the bundle is damaged', async () => {
      await copyFile('/bin/sh', path.join(bundleDir, '_internal/lib.so'));
      const script = 'd=$(dirname "$(readlink /proc/$$/exe)"); echo >> "$d/_internal/lib.so"';
      const cacheDir = path.dirname(bundleDir);
      const outcome = verify({ args: ['-c', script] }, {}, cacheDir);
      // Where the file system copies on write there is nothing to damage.
      if (
        (
          await outcome.then(
            (passed) => passed.warnings,
            () => [],
          )
        ).length > 0
      )
        return;
      await expect(outcome).rejects.toMatchObject({
        code: 'ERR_VERIFY',
        message: expect.stringMatching(/changed its own file _internal\/lib\.so[^]*user_data/) as string,
      });
    });

    test('headers, size and the version of the C library are checked without running it', async () => {
      const { platform, arch } = hostTarget();
      const other = arch === 'x64' ? 'arm64' : 'x64';
      await expect(verify({ run: false }, { target: { platform, arch: other } })).rejects.toMatchObject({
        code: 'ERR_VERIFY',
        message: expect.stringContaining(other) as string,
      });
      await expect(verify({ run: false, maxSize: '1 B' })).rejects.toMatchObject({ code: 'ERR_VERIFY' });
      await expect(verify({ run: false, glibc: '2.1' })).rejects.toMatchObject({
        code: 'ERR_VERIFY',
        message: expect.stringMatching(/glibc/i) as string,
      });
    });

    test('what is odd but no fault is a warning with what to do', async () => {
      await copyFile('/bin/sh', path.join(bundleDir, '_internal/cut.so'));
      await truncate(path.join(bundleDir, '_internal/cut.so'), 100);
      const { warnings } = await verify({ run: false });
      expect(warnings).toEqual([expect.stringMatching(/cut\.so[^]*Data for tests looks like this/)]);
    });
  },
);
