import { expect, test } from 'vitest';
import { writeFiles } from '../../support/files.js';
import { runCli } from '../support.js';

test.each([
  ['npm', 'package-lock.json', 'npm run make'],
  ['pnpm', 'pnpm-lock.yaml', 'pnpm run make'],
  ['Yarn', 'yarn.lock', 'yarn run make'],
  ['bun', 'bun.lock', 'bun run make'],
])('what to do next is said in the words of %s', async (_, lockFile, command) => {
  const project = await writeFiles({
    'package.json': JSON.stringify({
      scripts: { make: 'electron-forge make' },
      devDependencies: { '@electron-forge/cli': '8.0.1' },
    }),
    'forge.config.js': 'module.exports = { plugins: [] };\n',
    [lockFile]: '',
    'backend/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
    'backend/requirements.txt': 'fastapi\nuvicorn\n',
  });
  const { out } = await runCli(['init', '--yes'], project);
  expect(out).toContain(`  ${command}  `);
});

test.each([
  [
    'electron-vite',
    {
      scripts: { build: 'npm run typecheck && electron-vite build' },
      devDependencies: { 'electron-vite': '5' },
    },
    'npx electron-pyinstaller generate && npm run build && npx electron-builder',
  ],
  [
    'electron-vite without scripts',
    { devDependencies: { 'electron-vite': '5' } },
    'npx electron-pyinstaller generate && npx electron-vite build && npx electron-builder',
  ],
  [
    'a compiler of TypeScript',
    { scripts: { build: 'tsc', dist: 'npm run build && electron-builder' }, devDependencies: {} },
    'npx electron-pyinstaller generate && npm run dist',
  ],
  ['nothing to compile', { devDependencies: {} }, 'npx electron-builder'],
])('what packages an app of electron-builder compiles it first: %s', async (title, manifest, command) => {
  const isTypeScript = title !== 'nothing to compile';
  const project = await writeFiles({
    'package.json': JSON.stringify({
      ...manifest,
      devDependencies: { ...manifest.devDependencies, 'electron-builder': '26.17.0' },
    }),
    'package-lock.json': '{}',
    'electron-builder.yml': 'appId: x\n',
    ...(isTypeScript
      ? { 'src/main/index.ts': '', 'tsconfig.json': '{"include":["src"]}' }
      : { 'main.js': '' }),
    'backend/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
    'backend/requirements.txt': 'fastapi\nuvicorn\n',
  });
  const { out } = await runCli(['init', '--yes'], project);
  expect(out).toMatch(new RegExp(`^  ${command} {3,}freeze, check and package$`, 'm'));
});

const fastApi = 'from fastapi import FastAPI\napp = FastAPI()\n';

test.each([
  ['npm', 'package-lock.json', 'npm install openapi-fetch'],
  ['pnpm', 'pnpm-lock.yaml', 'pnpm add openapi-fetch'],
])(
  'an app in TypeScript gets the types of a FastAPI program, and is told what they need, for %s',
  async (_, lockFile, command) => {
    const project = await writeFiles({
      'package.json': '{"devDependencies":{"@electron-forge/cli":"8"}}',
      [lockFile]: '',
      'tsconfig.json': '{"include":["src"]}',
      'src/main.ts': '',
      'backend/main.py': fastApi,
    });
    const { out } = await runCli(['init', '--yes'], project);
    expect(out).toMatch(/^ +client: true, \/\/ engine\.client: the types of its routes$/m);
    expect(out).toContain(`Next\n  ${command}  `);
  },
);

test.each([
  ['JavaScript', {}, fastApi],
  ['a program without a document', { 'tsconfig.json': '{}' }, fastApi.replace('()', '(openapi_url=None)')],
  ['another framework', { 'tsconfig.json': '{}' }, 'from flask import Flask\napp = Flask(__name__)\n'],
])('no types are promised where there are none: %s', async (_, files, program) => {
  const project = await writeFiles({
    'package.json': '{}',
    'src/main.ts': '',
    'backend/main.py': program,
    ...files,
  });
  const { out } = await runCli(['init', '--yes'], project);
  expect(out).not.toMatch(/client|openapi/);
});

test('what is installed already is not asked for', async () => {
  const project = await writeFiles({
    'package.json': '{"dependencies":{"openapi-fetch":"1"}}',
    'tsconfig.json': '{}',
    'src/main.ts': '',
    'backend/main.py': fastApi,
  });
  const { out } = await runCli(['init', '--yes'], project);
  expect(out).toContain('client: true');
  expect(out).not.toContain('openapi-fetch');
});

test.each([
  ['pnpm, a project of its own', { 'pnpm-lock.yaml': '' }, {}, 'pnpm add openapi-fetch'],
  [
    'pnpm, the root of a workspace',
    { 'pnpm-workspace.yaml': 'packages: []\n' },
    {},
    'pnpm add -w openapi-fetch',
  ],
  [
    'Yarn 1, the root of a workspace',
    { 'yarn.lock': '' },
    { workspaces: ['a'] },
    'yarn add -W openapi-fetch',
  ],
])(
  'the package that the client is made with is added as the package manager wants it: %s',
  async (...row) => {
    const [, files, manifest, command] = row;
    const project = await writeFiles({
      'package.json': JSON.stringify({
        ...manifest,
        devDependencies: { 'electron-builder': '26.17.0', typescript: '5' },
      }),
      'tsconfig.json': '{}',
      'src/main.ts': '',
      ...files,
      'backend/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
      'backend/requirements.txt': 'fastapi\nuvicorn\n',
    });
    const { out } = await runCli(['init', '--yes'], project);
    expect(out).toContain(`  ${command}  `);
  },
);
