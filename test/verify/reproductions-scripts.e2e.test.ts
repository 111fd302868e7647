import { chmod, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { copyBundle } from '../../src/bundle/copy.js';
import { diagnose } from '../../src/advice/diagnose.js';
import { verifyBundle } from '../../src/verify/index.js';
import { wheelFile } from '../bundle/wheels.js';
import { temporaryFolder } from '../support/files.js';
import { frozenBackend, verifyInput } from './frozen.js';

/** A script that starts a server, in the ways in which people get it wrong. */
const serverPy = `
import multiprocessing, os, sys
from pathlib import Path

import jinja2, uvicorn

if __name__ == "__main__":
    # Workers do not get here.
    def work():
        print("worked")

    mode = os.environ["MODE"]
    if mode == "workers":
        uvicorn.run("web:app", port=int(sys.argv[1]), workers=2)
    elif mode == "application":
        uvicorn.run(os.environ["APPLICATION"], port=int(sys.argv[1]))
    elif mode == "template":
        jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates")).get_template("index.html")
    elif mode == "worker":
        worker = multiprocessing.get_context("spawn").Process(target=work)
        worker.start()
        worker.join()
        sys.exit(worker.exitcode)
    elif mode == "unguarded":
        import tasks
`;

/** Starts a process wherever it is imported: in the worker again. */
const tasksPy = `
import multiprocessing, sys

def work():
    print("worked")

worker = multiprocessing.get_context("spawn").Process(target=work)
worker.start()
worker.join()
if worker.exitcode:
    sys.exit(worker.exitcode)
`;

/** Its answer says that it is not the process that was started. */
const webPy = `
import os
parent = os.getppid()
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(parent).encode()})
`;

describe.runIf(process.platform === 'linux')('a script that fails when it is frozen is explained', () => {
  let frozen: FrozenBackend;
  beforeAll(async () => {
    frozen = await frozenBackend(
      { 'backend/server.py': serverPy, 'backend/tasks.py': tasksPy, 'backend/web.py': webPy },
      {
        entry: 'backend/server.py',
        requirements: ['uvicorn', 'jinja2'],
        address: { port: [8240, 8260] },
        ready: { http: '/' },
        run: { args: ['{port}'] },
      },
    );
  });

  it('unless it does not: the workers of uvicorn need nothing', async () => {
    const { startupMs } = await verifyBundle(verifyInput(frozen, {}, { env: { MODE: 'workers' } }));
    expect(startupMs).toBeLessThan(60_000);
  });

  it.each([
    [
      'an application that is named and not in the bundle',
      { MODE: 'application', APPLICATION: 'shop:app' },
      /the module shop is not in the bundle[\s\S]+hiddenImports: \['shop'\]/,
    ],
    [
      'a template that was not collected',
      { MODE: 'template' },
      /The template index\.html is a data file[\s\S]+templates\/\*\*\/\*/,
    ],
    [
      'a function of the script that a worker cannot find',
      { MODE: 'worker' },
      /find no function of that name[\s\S]+a module of its own/,
    ],
    [
      'a module that starts a process when it is imported',
      { MODE: 'unguarded' },
      /started processes while it was imported[\s\S]+Start processes in a function/,
    ],
  ])('%s', async (_what, env, hint) => {
    await expect(verifyBundle(verifyInput(frozen, {}, { env }))).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      hint: expect.stringMatching(hint) as string,
    });
  });
});

describe.runIf(process.platform === 'linux')('a onefile program that cannot start is explained', () => {
  const onefile = (pyinstaller: Readonly<Record<string, unknown>>) =>
    frozenBackend(
      { 'backend/hello.py': 'print("hello")\n' },
      { kind: 'job', entry: 'backend/hello.py', pyinstaller: { mode: 'onefile', ...pyinstaller } },
    );

  it('because it cannot unpack itself', async () => {
    // Nobody may make folders there, root included.
    const frozen = await onefile({ runtimeTmpdir: '/proc/nowhere' });
    await expect(verifyBundle(verifyInput(frozen))).rejects.toMatchObject({
      hint: expect.stringMatching(/could not unpack itself[\s\S]+mode: 'onedir'/) as string,
    });
  });

  it('because it was started by another frozen program with more rights', async () => {
    const frozen = await onefile({});
    const bundleDir = path.join(await temporaryFolder(), 'bundle');
    await copyBundle(frozen.bundleDir, bundleDir);
    const program = path.join(bundleDir, 'engine');
    // With these rights the bootloader looks closely at what it is told; a folder that everybody may read is refused.
    await chmod(program, 0o4755);
    const unpacked = path.join(await temporaryFolder(), '_MEI00000001abcdef');
    await mkdir(unpacked, { mode: 0o755 });
    const { stderr } = await execa(program, {
      reject: false,
      env: {
        _PYI_ARCHIVE_FILE: program,
        _PYI_PARENT_PROCESS_LEVEL: '1',
        _PYI_APPLICATION_HOME_DIR: unpacked,
      },
    });
    const [first] = diagnose('verify', stderr, { configFile: 'c', configPath: 'b' });
    expect(first?.cause).toMatch(/refused to start: .+invalid permissions/);
    expect(first?.edit).toContain('_PYI_');
  });
});

describe('a job without arguments for its check', () => {
  /** Loads a module in a way that nobody sees by reading. */
  const helpers = 'import importlib\nimportlib.import_module("".join(["plug", "ins"]))\n';
  const missing = {
    code: 'ERR_VERIFY',
    hint: expect.stringContaining("hiddenImports: ['plugins']") as string,
  };

  it.each([
    ['script', 'backend/job.py'],
    ['module', { module: 'job' }],
  ])('%s: is not run, and what it imports at its top must be there', async (_type, entry) => {
    const project = { 'backend/helpers.py': helpers, 'backend/job.py': 'import helpers\nhelpers.work()\n' };
    const frozen = await frozenBackend(project, { kind: 'job', entry });
    await expect(verifyBundle(verifyInput(frozen))).rejects.toMatchObject(missing);
  });

  it('what is left out on purpose need not be there', async () => {
    const frozen = await frozenBackend(
      { 'backend/job.py': 'import brought_by_the_user\n' },
      { kind: 'job', entry: 'backend/job.py', excludes: ['brought_by_the_user'] },
    );
    expect(await verifyBundle(verifyInput(frozen))).toMatchObject({ ran: true });
  });

  it('of a hand-written spec is run, and may end with any failure but this', async () => {
    const frozen = await frozenBackend(
      {
        'backend/helpers.py': helpers,
        'backend/job.py':
          'import os, sys\nif os.environ.get("MODE") == "helped":\n    import helpers\nsys.exit("usage: job FILE")\n',
        'x.spec': `
a = Analysis(['backend/job.py'], pathex=['backend'])
exe = EXE(PYZ(a.pure), a.scripts, exclude_binaries=True, name='engine')
coll = COLLECT(exe, a.binaries, a.datas, name='engine')
`,
      },
      { kind: 'job', pyinstaller: { spec: 'x.spec' } },
    );
    expect(await verifyBundle(verifyInput(frozen))).toMatchObject({ ran: true });
    const env = { MODE: 'helped' };
    await expect(verifyBundle(verifyInput(frozen, {}, { env }))).rejects.toMatchObject(missing);
  });
});

describe.runIf(process.platform === 'linux')('a hook that is older than its package', () => {
  it('is explained when the program is run', async () => {
    // The hook as it was two years before the package.
    const hook = await readFile(await wheelFile('pyinstallerOld', 'PyInstaller/hooks/hook-numpy.py'), 'utf8');
    const frozen = await frozenBackend(
      {
        'backend/main.py': 'import numpy\nprint(numpy.arange(3).sum())\n',
        // PyInstaller's own, of today, says 1.
        'hooks/hook-numpy.py': hook.replace('Hook-Priority: 1', 'Hook-Priority: 2'),
      },
      {
        kind: 'job',
        entry: 'backend/main.py',
        requirements: ['numpy==2.4.6'],
        pyinstaller: { hooks: ['hooks'] },
      },
    );
    await expect(verifyBundle(verifyInput(frozen))).rejects.toMatchObject({
      hint: expect.stringContaining('the package is newer than the hook') as string,
    });
  });
});
