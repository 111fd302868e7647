import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/index.js';
import { configFileName } from '../../../src/cli/init/config-file-name.js';
import { detectPackageManager, fromField } from '../../../src/cli/init/package-manager.js';

import { writeFiles } from '../../support/files.js';
import { repositoryDir } from '../../support/paths.js';
import { runCli } from '../support.js';

const backend = {
  'backend/main.py': 'from fastapi import FastAPI\napp = FastAPI()\nx = open("a.txt")\n',
  'backend/a.txt': '',
  'backend/requirements.txt': 'fastapi\n',
};

/** TypeScript 5, which lays out its output by what it takes in; a tool of this repository brings it. */
const compiler = createRequire(
  createRequire(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')).resolve(
    '@arethetypeswrong/core',
  ),
).resolve('typescript/bin/tsc');

/** This package, as if the project had installed it. */
async function install(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'node_modules'));
  await symlink(repositoryDir, path.join(folder, 'node_modules/electron-pyinstaller'), 'dir');
}

describe("the project's own compiler, after init", () => {
  const strict = '"strict":true,"skipLibCheck":true,"types":[]';
  const projects: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    [
      'no include: the output stays where it was',
      {
        'tsconfig.json': `{"compilerOptions":{${strict},"outDir":"dist","module":"commonjs"}}`,
      },
      'mjs',
    ],
    [
      'no include and JavaScript too',
      {
        'tsconfig.json': `{"compilerOptions":{${strict},"outDir":"dist","allowJs":true,"module":"commonjs"}}`,
      },
      'yml',
    ],
    [
      'include of the sources alone',
      {
        'tsconfig.json': `{"compilerOptions":{${strict},"outDir":"dist","rootDir":"app","module":"nodenext"},"include":["app"]}`,
      },
      'ts',
    ],
    [
      'inherited include',
      {
        'tsconfig.base.json': `{"compilerOptions":{${strict},"outDir":"dist","rootDir":"app","module":"nodenext"},"include":["app/**/*"]}`,
        'tsconfig.json': '{"extends":"./tsconfig.base"}',
      },
      'ts',
    ],
  ];
  test.each(projects)('%s', async (_title, files, ending) => {
    const folder = await writeFiles({
      'package.json': '{"main":"dist/app.js"}',
      'app/app.ts': 'export const x: number = 1;\n',
      'electron-builder.yml': '',
      ...files,
      ...backend,
    });
    await install(folder);
    const compile = async () => {
      const result = await execa(process.execPath, [compiler], { cwd: folder, reject: false });
      return [
        result.exitCode,
        result.stdout,
        (await readdir(path.join(folder, 'dist'), { recursive: true })).sort(),
      ];
    };
    const before = await compile();
    expect(before[0]).toBe(0);
    expect((await runCli(['init', '--yes'], folder)).exitCode).toBe(0);
    expect(await readdir(folder)).toContain(`pyinstaller.config.${ending}`);
    expect(await compile()).toEqual(before);
  });

  test.each([
    [
      'tsconfig without include beside a TypeScript file that it takes in already',
      { 'tsconfig.json': '{}', 'forge.config.ts': '' },
      false,
      'ts',
    ],
    [
      'the same, where a module cannot be required',
      { 'tsconfig.json': '{"compilerOptions":{"module":"node16"}}', 'forge.config.ts': '' },
      false,
      'mjs',
    ],
    [
      'the same in a package of modules',
      { 'tsconfig.json': '{"compilerOptions":{"module":"node16"}}', 'forge.config.ts': '' },
      true,
      'ts',
    ],
    [
      'references with parts of their own',
      {
        'tsconfig.json': '{"files":[],"references":[]}',
        'tsconfig.node.json': '{"include":["electron.vite.config.*","src/main/**/*"]}',
      },
      false,
      'ts',
    ],
    [
      'comments and trailing commas',
      { 'tsconfig.json': '{ /* a */ "include": ["src",], // b\n}' },
      false,
      'ts',
    ],
    ['no tsconfig', {}, false, 'mjs'],
  ])('%s', async (_title, files, isModule, ending) => {
    const folder = await writeFiles(files);
    expect(await configFileName(folder, isModule)).toBe(`pyinstaller.config.${ending}`);
  });

  test('the configuration in YAML says the same as the one in JavaScript', async () => {
    const allowJs = '{"compilerOptions":{"allowJs":true}}';
    const texts = await Promise.all(
      [{}, { 'tsconfig.json': allowJs }].map(async (files) => {
        const folder = await writeFiles({ 'package.json': '{}', ...backend, ...files });
        await runCli(['init', '--yes'], folder);
        return (await loadConfig({ projectDir: folder })).config;
      }),
    );
    expect(texts[1]).toEqual(texts[0]);
  });
});

describe("the project's own formatter, after init", () => {
  test('finds nothing to change in what was written', async () => {
    const folder = await writeFiles({
      'package.json':
        '{\n\t"name": "x",\n\t"devDependencies": { "oxfmt": "1", "@electron-forge/cli": "8" }\n}\n',
      '.oxfmtrc.json': '{"semi":false,"singleQuote":false,"useTabs":true,"trailingComma":"none"}',
      'forge.config.mjs': 'export default {\n\tplugins: []\n}\n',
      ...backend,
    });
    const formatter = path.join(repositoryDir, 'node_modules/oxfmt/bin/oxfmt');
    const program = `import ${JSON.stringify(pathToFileURL(formatter))};\n`;
    const home = 'node_modules/oxfmt';
    await writeFiles(
      { [`${home}/package.json`]: '{"bin":{"oxfmt":"run.mjs"}}', [`${home}/run.mjs`]: program },
      folder,
    );
    const check = () =>
      execa(process.execPath, [formatter, '--check', 'pyinstaller.config.mjs', 'forge.config.mjs'], {
        cwd: folder,
        reject: false,
      });
    await runCli(['init', '--yes'], folder);
    expect((await readFile(path.join(folder, 'pyinstaller.config.mjs'), 'utf8')).split('\n')[0]).toBe(
      'import { defineConfig } from "electron-pyinstaller"',
    );
    expect(await check()).toMatchObject({ exitCode: 0 });
  });
});

describe('detectPackageManager', () => {
  test.each([
    [{ 'package.json': '{"packageManager":"pnpm@10.1.0"}' }, 'pnpm'],
    [{ 'package.json': '{"packageManager":"yarn@1.22.22"}' }, 'yarn'],
    [{ 'package.json': '{"packageManager":"yarn@4.5.0+sha224.x"}', 'package-lock.json': '' }, 'berry'],
    [{ 'yarn.lock': '# yarn lockfile v1\n' }, 'yarn'],
    [{ 'yarn.lock': '__metadata:\n  version: 8\n' }, 'berry'],
    [{ '.yarnrc.yml': '', 'yarn.lock': '' }, 'berry'],
    [{ 'bun.lockb': '' }, 'bun'],
    [{ 'package-lock.json': '{}' }, 'npm'],
    [{ '.git/HEAD': '' }, 'npm'],
  ])('%j is %s', async (files, expected) => {
    expect(await detectPackageManager(await writeFiles(files))).toBe(expected);
  });

  test('a part of a workspace uses what the workspace does', async () => {
    const folder = await writeFiles({
      'pnpm-lock.yaml': '',
      'apps/desktop/package.json': '{}',
      '.git/HEAD': '',
    });
    expect(await detectPackageManager(path.join(folder, 'apps/desktop'))).toBe('pnpm');
  });

  test('an unknown manager is none', () => {
    expect(fromField('cnpm@9')).toBeNull();
  });
});
