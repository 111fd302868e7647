import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildCommands } from '../../../src/cli/init/workflow/commands.js';
import { writeFiles } from '../../support/files.js';
import { workflowProblems } from '../../support/workflow-schema.js';
import { runCli } from '../support.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly 'working-directory'?: string;
}

interface Job {
  readonly defaults: { readonly run: Readonly<Record<string, string>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: { readonly build: Job };
}

const hosts = {
  forge: {
    dependencies: { '@electron-forge/cli': '8' },
    files: { 'forge.config.mjs': 'export default { makers: [{ name: "x" }], plugins: [] };\n' },
    scripts: { make: 'electron-forge make' },
    last: /electron-forge make|run make/,
    output: 'out/make/**',
  },
  'electron-vite': {
    dependencies: { 'electron-builder': '26', 'electron-vite': '5' },
    files: {
      'electron-builder.yml': 'directories:\n  buildResources: build\n  output: release/${version}\n',
      'tsconfig.json': '{"files":[]}',
      'src/main/index.ts': '',
    },
    scripts: {
      typecheck: 'tsc',
      build: 'npm run typecheck && electron-vite build',
      'build:win': 'npm run build && electron-builder --win',
    },
    last: /electron-builder --publish never/,
    output: 'release/*/*.*',
  },
  plain: {
    dependencies: { 'electron-builder': '26' },
    files: { 'electron-builder.yml': 'appId: x\n' },
    scripts: { dist: 'electron-builder' },
    last: /run dist (-- )?--publish never/,
    output: 'dist/*.*',
  },
} as const;

const managers = {
  npm: { lock: 'package-lock.json', text: '{}', install: 'npm ci', field: 'npm@11.0.0' },
  pnpm: {
    lock: 'pnpm-lock.yaml',
    text: '',
    install: 'pnpm install --frozen-lockfile',
    field: 'pnpm@10.12.1',
  },
  yarn: {
    lock: 'yarn.lock',
    text: '# yarn lockfile v1\n',
    install: 'yarn install --frozen-lockfile',
    field: 'yarn@1.22.22',
  },
  berry: {
    lock: 'yarn.lock',
    text: '__metadata:\n',
    install: 'yarn install --immutable',
    field: 'yarn@4.9.1',
  },
  bun: { lock: 'bun.lock', text: '{}', install: 'bun install --frozen-lockfile', field: 'bun@1.2.0' },
} as const;

const backend = {
  'backend/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
  'backend/requirements.txt': 'fastapi\n',
};

type Files = Readonly<Record<string, string>>;

/** A repository with an app in a folder of it (`.`: the app is the repository). */
async function repository(
  folder: string,
  app: { readonly manifest: object; readonly files: Files },
  files: Files,
): Promise<{ root: string; project: string }> {
  const root = await writeFiles({ '.git/HEAD': 'ref: refs/heads/main\n', ...files });
  const project = path.join(root, folder);
  await mkdir(project, { recursive: true });
  await writeFiles({ 'package.json': JSON.stringify(app.manifest), ...app.files, ...backend }, project);
  return { root, project };
}

async function read(root: string, name: string): Promise<{ text: string; job: Job; workflow: Workflow }> {
  const text = await readFile(path.join(root, '.github/workflows', name), 'utf8');
  const workflow = parse(text) as Workflow;
  return { text, workflow, job: workflow.jobs.build };
}

const table = Object.keys(hosts).flatMap((host) =>
  Object.keys(managers).flatMap((manager) =>
    ['.', 'apps/desktop app'].flatMap((folder) =>
      [true, false].map((hasLock) => [host, manager, folder, hasLock]),
    ),
  ),
) as [keyof typeof hosts, keyof typeof managers, string, boolean][];

describe('the workflow that init writes', () => {
  test.each(table)('%s, %s, in %s, lock file: %s', async (host, manager, folder, hasLock) => {
    const { dependencies, files, scripts, last, output } = hosts[host];
    const { lock, text: lockText, install, field } = managers[manager];
    const isRoot = folder === '.';
    const top: Files = {
      ...(hasLock ? { [lock]: lockText } : {}),
      ...(isRoot
        ? {}
        : { 'package.json': JSON.stringify({ packageManager: field, workspaces: ['apps/*'] }) }),
      ...(manager === 'pnpm' && !isRoot ? { 'pnpm-workspace.yaml': 'packages: ["apps/*"]\n' } : {}),
    };
    const manifest = {
      name: 'desktop',
      ...(isRoot ? { packageManager: field } : {}),
      devDependencies: dependencies,
      scripts,
    };
    const { root, project } = await repository(folder, { manifest, files }, top);
    const result = await runCli(['init', '--yes', '--ci', 'github'], project);
    expect(result.exitCode, result.error).toBe(0);
    const name = isRoot ? 'build.yml' : 'build-desktop app.yml';
    const { text, workflow, job } = await read(root, name);
    expect(await workflowProblems(text)).toEqual([]);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(job.defaults.run).toEqual(
      isRoot ? { shell: 'bash' } : { shell: 'bash', 'working-directory': folder },
    );
    const runs = job.steps.flatMap(({ run }) => run ?? []);
    const at = (pattern: RegExp) => runs.findIndex((run) => pattern.test(run));
    const installs = job.steps.find(({ run }) => run !== undefined && /\b(?:ci|install)\b/.test(run));
    if (hasLock) expect(runs).toContain(install);
    else expect(installs?.run).not.toMatch(/npm ci|--frozen-lockfile$(?<!no-frozen-lockfile)|--immutable/);
    if (hasLock && !isRoot) expect(installs?.['working-directory']).toBe('.');
    expect(job.steps.some(({ uses }) => uses?.startsWith('pnpm/') === true)).toBe(manager === 'pnpm');
    const setup = job.steps.find(({ uses }) => uses?.startsWith('actions/setup-node') === true);
    const isCachedByNode = hasLock && ['npm', 'pnpm', 'yarn'].includes(manager);
    expect(setup?.with?.['cache']).toBe(isCachedByNode ? manager : undefined);
    expect(at(/doctor/)).toBeGreaterThan(at(/\binstall\b|npm ci/));
    expect(runs.at(-1)).toMatch(last);
    if (host === 'electron-vite') {
      expect(at(/electron-pyinstaller generate/)).toBeGreaterThan(at(/doctor/));
      expect(at(/run build/)).toBeGreaterThan(at(/electron-pyinstaller generate/));
    }
    const upload = job.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact') === true);
    expect(upload?.with?.['path']).toBe(path.posix.join(folder, output));
    expect(text).toContain(`hashFiles('${path.posix.join(folder, 'backend/requirements.txt')}')`);

    const again = await runCli(['init', '--yes', '--ci', 'github'], project);
    expect(again.out).toContain('is there already and up to date');
    expect((await read(root, name)).text).toBe(text);
  });

  test('a configured project needs no detection, asks for its Python, and its own lock', async () => {
    const config = {
      backends: {
        engine: { entry: { asgi: 'main:app' }, source: '../../services/engine', python: { version: '3.11' } },
      },
    };
    const { root, project } = await repository(
      'apps/desktop',
      {
        manifest: { devDependencies: { 'electron-builder': '26' }, scripts: {} },
        files: { 'pyinstaller.config.json': JSON.stringify(config), 'package-lock.json': '{}' },
      },
      {
        'services/engine/main.py': 'app = 1\n',
        'services/engine/requirements.txt': '',
        'package.json': '{}',
      },
    );
    const result = await runCli(['init', '--yes', '--ci', 'github'], project);
    expect(result.exitCode, result.error).toBe(0);
    const { text, job } = await read(root, 'build-desktop.yml');
    expect(await workflowProblems(text)).toEqual([]);
    expect(text).toContain("python-version: '3.11'");
    expect(text).toContain('cache-dependency-path: apps/desktop/package-lock.json');
    expect(text).toContain("hashFiles('services/engine/requirements.txt')");
    expect(job.steps.find(({ run }) => run === 'npm ci')?.['working-directory']).toBeUndefined();
  });

  test('packages of the workspace that the app needs are built before it, each after what it needs', async () => {
    const { root, project } = await repository(
      'apps/desktop',
      {
        manifest: { devDependencies: { 'electron-builder': '26', shared: 'workspace:*' } },
        files: {},
      },
      {
        'pnpm-workspace.yaml': 'packages:\n  - apps/*\n  - packages/*\n',
        'pnpm-lock.yaml': '',
        'packages/shared/package.json':
          '{"name":"shared","scripts":{"build":"tsc"},"dependencies":{"base":"workspace:*"}}',
        'packages/base/package.json': '{"name":"base","scripts":{"build":"tsc"}}',
        'packages/other/package.json': '{"name":"other","scripts":{"build":"tsc"}}',
      },
    );
    expect((await runCli(['init', '--yes', '--ci', 'github'], project)).exitCode).toBe(0);
    const { job } = await read(root, 'build-desktop.yml');
    expect(
      job.steps.filter(({ run }) => run === 'pnpm run build').map((step) => step['working-directory']),
    ).toEqual(['packages/base', 'packages/shared']);
  });

  test('a workflow that was changed stays, and is said to differ; one of somebody else keeps its name', async () => {
    const { root, project } = await repository(
      '.',
      { manifest: { devDependencies: { 'electron-builder': '26' } }, files: {} },
      { '.github/workflows/build.yml': 'name: mine\n' },
    );
    await runCli(['init', '--yes', '--ci', 'github'], project);
    const { text } = await read(root, 'build-app.yml');
    expect(await readFile(path.join(root, '.github/workflows/build.yml'), 'utf8')).toBe('name: mine\n');
    const changed = `${text}# mine\n`;
    await writeFiles({ '.github/workflows/build-app.yml': changed }, root);
    const again = await runCli(['init', '--yes', '--ci', 'github'], project);
    expect(again.out).toContain('differs from what would be written now; it stays as it is');
    expect((await read(root, 'build-app.yml')).text).toBe(changed);
  });
});

describe('the commands that make the app', () => {
  const plain = {
    host: 'electron-builder',
    packageManager: 'npm',
    usesElectronVite: false,
    generates: false,
    hasMakers: true,
  } as const;

  test.each([
    [{ dist: 'tsc && electron-builder' }, ['npm run dist -- --publish never']],
    [{ build: 'tsc', dist: 'electron-builder' }, ['npm run build', 'npm run dist -- --publish never']],
    [{ build: 'tsc', dist: 'npm run build && electron-builder' }, ['npm run dist -- --publish never']],
    [
      { build: 'tsc', predist: 'npm run build', dist: 'electron-builder' },
      ['npm run dist -- --publish never'],
    ],
    [{ 'dist:win': 'tsc && electron-builder --win' }, ['npx tsc', 'npx electron-builder --publish never']],
    [{ build: 'electron-builder' }, ['npm run build -- --publish never']],
    [{ pack: 'electron-builder --dir' }, ['npx electron-builder --publish never']],
    [{ postinstall: 'electron-builder install-app-deps' }, ['npx electron-builder --publish never']],
    [{ release: 'electron-builder -p always' }, ['npx electron-builder --publish never']],
    [
      { typecheck: 'tsc --noEmit', build: 'vite build' },
      ['npm run typecheck', 'npm run build', 'npx electron-builder --publish never'],
    ],
    [
      { 'type-check': 'tsc', build: 'run-s type-check bundle', bundle: 'vite build' },
      ['npm run build', 'npx electron-builder --publish never'],
    ],
    [{}, ['npx electron-builder --publish never']],
  ])('%j', (scripts: Record<string, string>, commands) => {
    expect(buildCommands({ ...plain, scripts })).toEqual(commands);
  });

  test('electron-vite is run although no script does, after the module that it compiles is written', () => {
    expect(buildCommands({ ...plain, scripts: {}, usesElectronVite: true, generates: true })).toEqual([
      'npx electron-pyinstaller generate',
      'npx electron-vite build',
      'npx electron-builder --publish never',
    ]);
  });

  test('of any scripts, none is run twice, and exactly the last command packages', () => {
    const names = ['build', 'compile', 'dist', 'make', 'typecheck', 'prebuild', 'x'];
    const texts = fc.constantFrom(
      'tsc',
      'vite build',
      'electron-builder',
      'electron-forge make',
      'electron-builder --mac',
      'npm run build',
      'npm run compile',
      'npm run x && tsc',
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...names),
          fc.array(texts, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' && ')),
        ),
        fc.constantFrom('forge', 'electron-builder'),
        (scripts, host) => {
          const commands = buildCommands({ ...plain, host, scripts });
          expect(new Set(commands).size).toBe(commands.length);
          expect(commands.at(-1)).toMatch(/--publish never$|electron-forge|run \w+$/);
          for (const command of commands.slice(0, -1))
            expect(command).not.toMatch(/electron-(?:builder|forge)/);
        },
      ),
    );
  });
});
