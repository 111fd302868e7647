import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDistribution } from './distribution.ts';
import { packageApp, removeDistribution, startApp } from './run-app.ts';
import { temporaryFolder } from '../support/files.ts';

afterAll(removeDistribution);

const manifest = JSON.stringify({
  name: 'test-app',
  productName: 'Test App',
  version: '1.2.3',
  type: 'module',
  main: 'main.js',
});
const printQuitEvents = `
  app.on('before-quit', () => console.log('before-quit'));
  app.on('will-quit', () => console.log('will-quit'));
  app.on('quit', (_event, code) => console.log('quit', code));
  process.on('exit', () => console.log('exit'));
`;

/** Run a main module to its end and give back what it printed. */
async function run(main: string, files: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const app = await packageApp({ 'package.json': manifest, 'main.js': main, ...files });
  const { stdout, stderr, exitCode } = await startApp(app, args).ended;
  return { stdout, stderr, exitCode, app };
}

describe('the stand-in says what it is', () => {
  it('prints a marked version and a line on stderr', async () => {
    const { executable } = await makeDistribution({ out: await temporaryFolder() });
    const { stdout, stderr } = await execa(executable, ['--version']);
    expect(stdout).toBe('v45.4.1 (stand-in)');
    expect(stderr).toContain('not Electron');
  });

  it('marks process.versions and writes a line on stderr at every start', async () => {
    const { stdout, stderr, exitCode } = await run(
      `import { app } from 'electron'; console.log(process.versions.electron, process.versions['electron-stand-in'], process.type); app.quit();`,
    );
    expect(stdout).toEqual(['45.4.1 1 browser']);
    expect(stderr[0]).toMatch(/^electron stand-in: Node .* in the place of Electron 45\.4\.1/);
    expect(exitCode).toBe(0);
  });

  it('names the variable to set when its Node is gone', async () => {
    const { executable } = await makeDistribution({ out: await temporaryFolder(), node: '/no/such/node' });
    const result = await execa(executable, ['.'], { reject: false });
    expect(result.exitCode).toBe(127);
    expect(result.stderr).toContain('ELECTRON_STANDIN_NODE');
    const { exitCode } = await execa(executable, ['--version'], {
      env: { ELECTRON_STANDIN_NODE: process.execPath },
    });
    expect(exitCode).toBe(0);
  });
});

describe('a packaged main process', () => {
  it('knows its paths, name, version and arguments', async () => {
    const { stdout, app } = await run(
      `import { app } from 'electron';
       console.log(JSON.stringify({ app: app.getAppPath(), name: app.getName(), version: app.getVersion(), packaged: app.isPackaged,
         argv: process.argv, exec: process.execPath, resources: process.resourcesPath, userData: app.getPath('userData') }));
       app.quit();`,
      {},
      ['--flag', 'value with space'],
    );
    expect(JSON.parse(stdout[0] ?? '')).toEqual({
      app: app.archive,
      name: 'Test App',
      version: '1.2.3',
      packaged: true,
      argv: [app.executable, '--flag', 'value with space'],
      exec: app.executable,
      resources: path.dirname(app.archive),
      userData: path.join(app.directory, 'config', 'Test App'),
    });
  });

  it('is ready after an awaited ES module, not before', async () => {
    const { stdout } = await run(
      `import { app } from 'electron';
       app.on('ready', () => { console.log('ready'); app.quit(); });
       await new Promise((resolve) => setTimeout(resolve, 50));
       console.log('loaded', app.isReady());`,
    );
    expect(stdout).toEqual(['loaded false', 'ready']);
  });

  it('runs a CommonJS main with __dirname inside the archive', async () => {
    const { stdout, app } = await run('', {
      'package.json': JSON.stringify({ name: 'c', main: 'lib/main.js' }),
      'lib/main.js': `const { app } = require('electron'); console.log(__dirname, require('./other').value); app.quit();`,
      'lib/other.js': 'exports.value = 42;',
    });
    expect(stdout).toEqual([`${path.join(app.archive, 'lib')} 42`]);
  });

  it('ends with code 1 and the stack when the main module throws', async () => {
    const { exitCode, stderr } = await run(`throw new Error('broken on purpose');`);
    expect(exitCode).toBe(1);
    expect(stderr.join('\n')).toContain('broken on purpose');
  });

  it('stays alive without windows or timers until it is told to quit', async () => {
    const app = await packageApp({ 'package.json': manifest, 'main.js': `console.log('up');` });
    const running = startApp(app);
    await running.sees('up');
    const first = await Promise.race([
      running.ended.then(() => 'ended'),
      new Promise((resolve) => setTimeout(resolve, 50, 'alive')),
    ]);
    expect(first).toBe('alive');
    running.kill('SIGTERM');
    expect((await running.ended).exitCode).toBe(0);
  });

  it('hands the arguments of a second instance to the first', async () => {
    const app = await packageApp({
      'package.json': manifest,
      'main.js': `import { app } from 'electron';
        if (!app.requestSingleInstanceLock()) { console.log('second'); app.exit(3); }
        else { console.log('first'); app.on('second-instance', (_e, argv) => { console.log(argv.at(-1)); app.quit(); }); }`,
    });
    const first = startApp(app);
    await first.sees('first');
    const second = await startApp(app, ['hello']).ended;
    expect(second.stdout).toEqual(['second']);
    expect(second.exitCode).toBe(3);
    expect((await first.ended).stdout).toEqual(['first', 'hello']);
  });
});

describe('quitting', () => {
  it('emits before-quit, will-quit and quit in this order', async () => {
    const { stdout, exitCode } = await run(
      `import { app } from 'electron'; ${printQuitEvents} app.whenReady().then(() => app.quit());`,
    );
    expect(stdout).toEqual(['before-quit', 'will-quit', 'quit 0', 'exit']);
    expect(exitCode).toBe(0);
  });

  it('waits when will-quit is prevented, and starts over at the next quit', async () => {
    const { stdout } = await run(
      `import { app } from 'electron'; ${printQuitEvents}
       let stopped = false;
       app.on('will-quit', (event) => { if (!stopped) { event.preventDefault(); setTimeout(() => { stopped = true; console.log('stopped'); app.quit(); }, 20); } });
       app.whenReady().then(() => app.quit());`,
    );
    expect(stdout).toEqual([
      'before-quit',
      'will-quit',
      'stopped',
      'before-quit',
      'will-quit',
      'quit 0',
      'exit',
    ]);
  });

  it('does not go on when before-quit is prevented', async () => {
    const { stdout } = await run(
      `import { app } from 'electron'; ${printQuitEvents}
       app.once('before-quit', (event) => event.preventDefault());
       app.whenReady().then(() => { app.quit(); console.log('still here'); app.quit(); });`,
    );
    expect(stdout).toEqual(['before-quit', 'still here', 'before-quit', 'will-quit', 'quit 0', 'exit']);
  });

  it('closes windows before will-quit, and a window that refuses cancels the quit', async () => {
    const { stdout } = await run(
      `import { app, BrowserWindow } from 'electron'; ${printQuitEvents}
       app.whenReady().then(() => {
         const window = new BrowserWindow();
         window.once('close', (event) => { console.log('refused'); event.preventDefault(); });
         window.on('closed', () => console.log('closed'));
         app.quit();
         app.quit();
       });`,
    );
    expect(stdout).toEqual([
      'before-quit',
      'refused',
      'before-quit',
      'closed',
      'will-quit',
      'quit 0',
      'exit',
    ]);
  });

  it('quits when the last window closes, unless somebody listens to window-all-closed', async () => {
    const { stdout } = await run(
      `import { app, BrowserWindow } from 'electron'; ${printQuitEvents}
       app.whenReady().then(() => {
         app.once('window-all-closed', () => { console.log('kept'); new BrowserWindow().close(); });
         new BrowserWindow().close();
       });`,
    );
    expect(stdout).toEqual(['kept', 'before-quit', 'will-quit', 'quit 0', 'exit']);
  });

  it('exit() skips before-quit and will-quit and gives the code', async () => {
    const { stdout, exitCode } = await run(
      `import { app } from 'electron'; ${printQuitEvents} app.whenReady().then(() => app.exit(7));`,
    );
    expect(stdout).toEqual(['quit 7', 'exit']);
    expect(exitCode).toBe(7);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'quits at %s and is killed by a second one',
    async (signal) => {
      const app = await packageApp({
        'package.json': manifest,
        'main.js': `import { app } from 'electron';
        app.on('will-quit', (event) => { event.preventDefault(); console.log('prevented'); });
        app.whenReady().then(() => console.log('up'));`,
      });
      const running = startApp(app);
      await running.sees('up');
      running.kill(signal);
      await running.sees('prevented');
      running.kill(signal);
      const result = await running.ended;
      expect(result.stdout).toEqual(['up', 'prevented']);
      expect(result.signal).toBe(signal);
    },
  );
});

describe('archives', () => {
  const reading = `
    import { app } from 'electron';
    import fs, { readFileSync, existsSync } from 'node:fs';
    import { readFile } from 'node:fs/promises';
    import originalFs from 'original-fs';
    import { Worker } from 'node:worker_threads';
    const file = app.getAppPath() + '/data/ä b.txt';
    const print = (...values) => console.log(JSON.stringify(values));
  `;

  it('are read by every form of fs, by workers, and by streams', async () => {
    const { stdout } = await run(
      `${reading}
       print(readFileSync(file, 'utf8'), await readFile(file, 'utf8'), await new Promise((done) => fs.readFile(file, 'utf8', (_e, text) => done(text))));
       print(fs.statSync(file).size, existsSync(file), existsSync(file + 'x'), fs.readdirSync(app.getAppPath()), fs.statSync(app.getAppPath()).isDirectory());
       let text = ''; for await (const chunk of fs.createReadStream(file)) text += chunk; print(text);
       new Worker("const fs = require('fs'); require('worker_threads').parentPort.postMessage(fs.readFileSync(require('worker_threads').workerData, 'utf8'))",
         { eval: true, workerData: file }).on('message', (message) => { print(message); app.quit(); });`,
      { 'data/ä b.txt': 'content' },
    );
    expect(stdout.map((line) => JSON.parse(line) as unknown)).toEqual([
      ['content', 'content', 'content'],
      [7, true, false, ['data', 'main.js', 'package.json'], true],
      ['content'],
      ['content'],
    ]);
  });

  it('keep their own paths in results and errors, and cannot be written', async () => {
    const { stdout, app } = await run(
      `${reading}
       print(fs.realpathSync(file));
       for (const act of [() => readFileSync(file + 'x'), () => fs.writeFileSync(file, '')]) { try { act(); } catch (error) { print(error.code, error.path); } }
       await readFile(file + 'x').catch((error) => print(error.message));
       app.quit();`,
      { 'data/ä b.txt': 'content' },
    );
    const file = path.join(app.archive, 'data/ä b.txt');
    expect(stdout.map((line) => JSON.parse(line) as unknown)).toEqual([
      [file],
      ['ENOENT', `${file}x`],
      ['ENOTDIR', file],
      [`ENOENT: no such file or directory, open '${file}x'`],
    ]);
  });

  it('are plain files for original-fs and with process.noAsar', async () => {
    const { stdout } = await run(
      `${reading}
       print(originalFs.statSync(app.getAppPath()).isFile());
       process.noAsar = true; print(fs.statSync(app.getAppPath()).isFile()); app.quit();`,
    );
    expect(stdout).toEqual(['[true]', '[true]']);
  });

  it('resolve packages inside them by import and by require', async () => {
    const { stdout } = await run(
      `import { app } from 'electron'; import { createRequire } from 'node:module';
       import { from } from 'dep/sub'; import json from './data.json' with { type: 'json' };
       const required = createRequire(import.meta.url)('dep/sub');
       console.log(from, required.from, json.n, import.meta.url.endsWith('/app.asar/main.js')); app.quit();`,
      {
        'data.json': '{"n":5}',
        'node_modules/dep/package.json':
          '{"name":"dep","exports":{"./sub":{"import":"./lib/a.mjs","require":"./lib/b.cjs"}}}',
        'node_modules/dep/lib/a.mjs': `export const from = 'esm';`,
        'node_modules/dep/lib/b.cjs': `exports.from = 'cjs';`,
      },
    );
    expect(stdout).toEqual(['esm cjs 5 true']);
  });

  it('leave nothing in the temporary folder, not even after a kill', async () => {
    const folder = await temporaryFolder();
    const app = await packageApp({
      'package.json': manifest,
      'main.js': `import { app } from 'electron'; console.log('up'); if (process.argv.includes('--quit')) app.quit();`,
    });
    const killed = startApp(app, [], { TMPDIR: folder });
    await killed.sees('up');
    killed.kill('SIGKILL');
    await killed.ended;
    expect(await readdir(folder)).toHaveLength(1);
    await startApp(app, ['--quit'], { TMPDIR: folder }).ended;
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('other parts', () => {
  it('net.fetch reaches protocol handlers', async () => {
    const { stdout } = await run(
      `import { app, net, protocol } from 'electron';
       app.whenReady().then(async () => {
         protocol.handle('backend', (request) => new Response(request.method + ' ' + request.url, { status: 201 }));
         const response = await net.fetch('backend://engine/api/x?y=1', { method: 'POST' });
         console.log(response.status, await response.text()); app.quit();
       });`,
    );
    expect(stdout).toEqual(['201 POST backend://engine/api/x?y=1']);
  });

  it('webContents.send refuses what cannot be copied', async () => {
    const { stdout } = await run(
      `import { app, BrowserWindow } from 'electron';
       app.whenReady().then(() => {
         const { webContents } = new BrowserWindow();
         webContents.send('ok', { a: 1 });
         try { webContents.send('bad', () => {}); } catch (error) { console.log(error.name); }
         app.quit();
       });`,
    );
    expect(stdout).toEqual(['DataCloneError']);
  });

  it('is plain Node with ELECTRON_RUN_AS_NODE', async () => {
    const app = await packageApp({ 'package.json': manifest, 'main.js': '' });
    const script = `console.log(process.type, require('fs').existsSync(${JSON.stringify(`${app.archive}/main.js`)}))`;
    const { stdout } = await startApp(app, ['-e', script], { ELECTRON_RUN_AS_NODE: '1' }).ended;
    expect(stdout).toEqual(['undefined true']);
  });

  it('runs an app from a folder during development', async () => {
    const out = await temporaryFolder();
    const { executable } = await makeDistribution({ out });
    const project = path.join(out, 'project');
    await mkdir(project);
    await writeFile(path.join(project, 'package.json'), manifest);
    await writeFile(
      path.join(project, 'main.js'),
      `import { app } from 'electron'; console.log(app.isPackaged, process.defaultApp, app.getAppPath()); app.quit();`,
    );
    const { stdout } = await execa(executable, ['.'], { cwd: project, env: { XDG_CONFIG_HOME: out } });
    expect(stdout).toBe(`false true ${project}`);
  });

  it('zips a distribution with its mode bits', async () => {
    const out = await temporaryFolder();
    const made = await makeDistribution({ out, zip: true, arch: 'x64' });
    expect(made.zip).toBe(path.join(out, 'electron-v45.4.1-linux-x64.zip'));
    await execa('unzip', ['-q', made.zip ?? '', '-d', path.join(out, 'again')]);
    expect((await stat(path.join(out, 'again', 'electron'))).mode & 0o777).toBe(0o755);
  });
});
