import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { byPlace, readHints } from '../../scripts/hosts/hints.ts';
import { packPackage } from '../../scripts/hosts/packed.ts';
import { fastApiPackage, plainBuilder, plainForge, writeAll } from '../../scripts/hosts/projects.ts';
import { type Bench, windowsPath } from '../../scripts/windows/bench.ts';
import { mendCommands } from '../../scripts/windows/packaging/npm.ts';
import { makeDistribution } from '../standin/distribution.ts';
import { runProgram, verified } from './windows-program.js';

/** Made by scripts/windows/packaging/run.ts. */
const bench = JSON.parse(process.env['WINDOWS_BENCH'] ?? '{}') as Bench;
let root = '';
let electron = '';
let tarball = '';

const hosts = [
  {
    host: 'Electron Forge',
    create: plainForge('8.0.1'),
    // A zip of Electron in a folder, instead of a download.
    config: 'forge.config.js',
    edit: (text: string) =>
      text.replace(
        'asar: true',
        `asar: true, electronZipDir: ${JSON.stringify(windowsPath(path.dirname(electron)))}`,
      ),
    start: 'npm start',
    folder: 'out/test-app-win32-x64',
    make: 'npm run make',
    zip: 'out/make/zip/win32/x64/test-app-win32-x64-1.0.0.zip',
  },
  {
    host: 'electron-builder',
    create: plainBuilder,
    config: 'package.json',
    edit: (text: string) =>
      text.replace(
        '"build":{',
        // Of the programs that make installers none is here.
        `"build":{"electronDist":${JSON.stringify(windowsPath(electron))},"win":{"target":"zip"},`,
      ),
    // Wine's cmd starts no electron.cmd in a folder with spaces.
    start: 'npx electron-pyinstaller dev -- node node_modules/electron/cli.js .',
    folder: 'dist/win-unpacked',
    make: 'npx electron-builder',
    zip: 'dist/test-app-1.0.0-win.zip',
  },
] as const;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'windows newcomer ü-'));
  const made = { platform: 'win32', arch: 'x64', node: bench.node, zip: true } as const;
  electron = (await makeDistribution({ out: path.join(root, 'electron'), ...made })).directory;
  tarball = await packPackage(path.join(root, 'packed'));
});
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 }));

describe.each(hosts)(
  'a newcomer with Windows and $host',
  ({ host, create, config, edit, start, folder, make, zip }) => {
    const named = (name: string): string => path.join(root, `${host} ${name}`);
    const project = (): string => named('project');

    /** A line as one types it; the line must end well. */
    async function type(line: string, cwd = project(), env: Readonly<Record<string, string>> = {}) {
      const { code, output } = await runProgram(bench, 'cmd', ['/c', ...line.split(' ')], {
        cwd,
        timeoutMs: 900_000,
        env: {
          // Electron's own download, and that of 7-Zip, are not to be had here.
          ELECTRON_SKIP_BINARY_DOWNLOAD: '1',
          ELECTRON_OVERRIDE_DIST_PATH: windowsPath(electron),
          ELECTRON_BUILDER_7ZIP_PATH: String.raw`C:\windows\system32\7za.exe`,
          ...env,
        },
      });
      expect(code, `${line}\n${output}`).toBe(0);
      return output;
    }

    const answered = (isPackaged: boolean): string => `ANSWER 200 ${String(isPackaged)} {"`;

    test('installs the package and lets init write the configuration', async () => {
      await mkdir(path.join(project(), 'vendor'), { recursive: true });
      await create({ folder: project(), log: '', tools: root, env: {} });
      await writeAll(path.join(project(), 'backend'), fastApiPackage);
      const file = path.join(project(), config);
      await writeFile(file, edit(await readFile(file, 'utf8')));
      await cp(tarball, path.join(project(), 'vendor/package.tgz'));
      await type('npm install --no-audit --no-fund --save-dev ./vendor/package.tgz');
      await mendCommands(project());
      const printed = await type('npx electron-pyinstaller init --yes --ci github');
      const { declared, used } = byPlace(readHints(printed.split(/\r?\n/)).mainProcess);
      await writeFile(
        path.join(project(), 'main.js'),
        `const { app } = require('electron');
${declared.join('\n')}
app.whenReady().then(async () => {
  ${used.join('\n  ')}
  console.log('ANSWER', response.status, app.isPackaged, await response.text());
}).catch((error) => console.log('FAILED', error)).finally(() => app.quit());
`,
      );
    });

    test('starts the app with Python from source', async () => {
      expect(await type(start)).toContain(answered(false));
    });

    test('has a workflow whose steps pass on Windows', async () => {
      const checkout = named('checkout');
      await cp(project(), checkout, {
        recursive: true,
        filter: (file) => path.relative(project(), file) !== 'node_modules',
      });
      const { jobs } = parse(await readFile(path.join(checkout, '.github/workflows/build.yml'), 'utf8')) as {
        jobs: { build: { steps: { run?: string }[] } };
      };
      const lines = jobs.build.steps.flatMap(({ run }) => {
        // Bash is not here, nor tar; what stands in them is.
        const line = /\$\((.*?)\)/.exec(run ?? '')?.[1] ?? run;
        return line === undefined || line.startsWith('cd ') ? [] : [line];
      });
      expect(lines).toHaveLength(4);
      const cache = { ELECTRON_PYINSTALLER_CACHE: windowsPath(path.join(checkout, '.cache')) };
      for (const line of lines) {
        await type(line, checkout, cache);
        if (line === 'npm ci') await mendCommands(checkout);
      }
      await expectWorks(path.join(checkout, folder));
    });

    test('makes a zip whose app starts its backend', async () => {
      await type(make);
      const unpacked = named('unpacked');
      await execa('unzip', ['-q', path.join(project(), zip), '-d', unpacked]);
      await expectWorks(unpacked);
    });

    async function expectWorks(app: string): Promise<void> {
      expect(await verified(bench, app)).toEqual(['engine']);
      const { code, output } = await runProgram(bench, path.join(app, 'test-app.exe'));
      expect(output).toContain(answered(true));
      expect(code).toBe(0);
    }
  },
);
