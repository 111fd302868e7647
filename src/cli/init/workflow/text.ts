import { runCommand } from '../package-manager.js';
import { runScript } from './commands.js';
import type { WorkflowFacts } from './facts.js';

/** The first words of every workflow of ours. */
const head = '# Written by electron-pyinstaller init.';

/** Whether a workflow was written by us, whatever became of it. Pure. */
export function isOurWorkflow(text: string): boolean {
  return text.startsWith(head);
}

/**
 * A GitHub workflow that builds the app on each system, because PyInstaller freezes for the system it runs on. The cache
 * of frozen bundles is restored by the key that `build --cache-key` prints; inside it every bundle is found by its own
 * content, so a stale cache costs time and never a wrong bundle. Pure.
 */
export function workflowText(facts: WorkflowFacts): string {
  const { repository } = facts;
  const execute = runCommand[facts.packageManager];
  const folder = repository.project === '.' ? '' : `, working-directory: ${scalar(repository.project)}`;
  return [
    `${head} PyInstaller freezes for the system it runs on, so each system builds its own.`,
    `name: ${scalar(repository.project === '.' ? 'build' : `build ${repository.project}`)}`,
    'on:',
    `  push: { branches: [${scalar(repository.branch)}] }`,
    '  pull_request:',
    '  workflow_dispatch:',
    'permissions: { contents: read }',
    'jobs:',
    '  build:',
    '    strategy:',
    '      fail-fast: false',
    '      matrix:',
    '        include:',
    '          - { os: ubuntu-22.04, target: linux-x64 } # an old release on purpose: its glibc is the oldest the app will run on',
    '          - { os: windows-latest, target: win32-x64 }',
    '          - { os: macos-15-intel, target: darwin-x64 }',
    '          - { os: macos-15, target: darwin-arm64 }',
    '    runs-on: ${{ matrix.os }}',
    '    env:',
    '      ELECTRON_PYINSTALLER_CACHE: ${{ github.workspace }}/.cache/electron-pyinstaller',
    '    defaults:',
    `      run: { shell: bash${folder} }`,
    '    steps:',
    '      - uses: actions/checkout@v6',
    ...nodeSteps(facts),
    ...pythonSteps(facts),
    ...run(
      installCommand(facts),
      repository.installFolder === repository.project ? null : repository.installFolder,
    ),
    ...repository.localBuilds.flatMap((place) => run(runScript(facts.packageManager, 'build'), place)),
    '      # The key changes with the sources, the requirements and the configuration of the backends.',
    '      - id: backends',
    `        run: echo "key=$(${execute} electron-pyinstaller build --cache-key)" >> "$GITHUB_OUTPUT"`,
    '      - uses: actions/cache@v5',
    '        with:',
    '          path: .cache/electron-pyinstaller',
    '          key: ${{ steps.backends.outputs.key }}',
    '          restore-keys: electron-pyinstaller-${{ matrix.target }}-',
    ...run(`${execute} electron-pyinstaller doctor`),
    ...facts.commands.flatMap((command) => run(command)),
    '      - uses: actions/upload-artifact@v6',
    '        with:',
    `          name: ${scalar(artifactName(repository.project))}`,
    ...(facts.outputs.length === 1
      ? [`          path: ${scalar(facts.outputs[0] ?? '')}`]
      : ['          path: |', ...facts.outputs.map((output) => `            ${output}`)]),
    '          if-no-files-found: error',
    '',
  ].join('\n');
}

function artifactName(project: string): string {
  return `${project === '.' ? 'app' : project.replaceAll('/', '-')}-\${{ matrix.target }}`;
}

function run(command: string, folder: string | null = null): string[] {
  const line = `run: ${scalar(command)}`;
  return folder === null
    ? [`      - ${line}`]
    : [`      - ${line}`, `        working-directory: ${scalar(folder)}`];
}

/** Installs exactly what the lock file says, or without one, what package.json says. Pure. */
function installCommand({ packageManager, repository: { lockFile } }: WorkflowFacts): string {
  if (lockFile === null) {
    return {
      npm: 'npm install',
      pnpm: 'pnpm install --no-frozen-lockfile',
      yarn: 'yarn install',
      berry: 'yarn install --no-immutable',
      bun: 'bun install',
    }[packageManager];
  }
  return {
    npm: 'npm ci',
    pnpm: 'pnpm install --frozen-lockfile',
    yarn: 'yarn install --frozen-lockfile',
    berry: 'yarn install --immutable',
    bun: 'bun install --frozen-lockfile',
  }[packageManager];
}

function nodeSteps(facts: WorkflowFacts): string[] {
  const { packageManager, repository, nodeVersionFile } = facts;
  const { lockFile } = repository;
  const version =
    nodeVersionFile === null ? 'node-version: 22' : `node-version-file: ${scalar(nodeVersionFile)}`;
  const setup = (cache: string | null) =>
    cache === null || lockFile === null
      ? ['      - uses: actions/setup-node@v6', `        with: { ${version}, package-manager-cache: false }`]
      : [
          '      - uses: actions/setup-node@v6',
          `        with: { ${version}, cache: ${cache}${lockFile.includes('/') ? `, cache-dependency-path: ${scalar(lockFile)}` : ''} }`,
        ];
  switch (packageManager) {
    case 'npm':
      return setup('npm');
    case 'yarn':
      return setup('yarn');
    case 'pnpm':
      // Before Node: its action asks pnpm where the downloads are.
      return ['      - uses: pnpm/action-setup@v5', ...pnpmVersion(facts), ...setup('pnpm')];
    case 'berry':
      return [...setup(null), ...berrySteps(facts)];
    case 'bun':
      return [
        '      - uses: oven-sh/setup-bun@v2',
        ...(repository.packageManager === null || repository.packageManager.folder === '.'
          ? []
          : [
              `        with: { bun-version-file: ${scalar(`${repository.packageManager.folder}/package.json`)} }`,
            ]),
        ...setup(null),
        ...downloads('~/.bun/install/cache', 'bun', lockFile),
      ];
    default:
      return packageManager satisfies never;
  }
}

/** The action reads `packageManager` of the root's package.json. */
function pnpmVersion({ repository: { packageManager } }: WorkflowFacts): string[] {
  if (packageManager?.text.startsWith('pnpm@') !== true) return ['        with: { version: 10 }'];
  return packageManager.folder === '.'
    ? []
    : [`        with: { package_json_file: ${scalar(`${packageManager.folder}/package.json`)} }`];
}

/** Yarn after 1 comes through corepack, which the Node that was set up brings; only then its own commands are known. */
function berrySteps({ repository, hasOwnYarn }: WorkflowFacts): string[] {
  const { lockFile, installFolder, project, packageManager } = repository;
  const isNamed = hasOwnYarn || packageManager?.text.startsWith('yarn@') === true;
  const folder = installFolder === project ? null : installFolder;
  return [
    ...run(`corepack enable${isNamed ? '' : ' && corepack prepare yarn@stable --activate'}`, folder),
    ...(lockFile === null
      ? []
      : [
          '      - id: yarn',
          '        run: echo "folder=$(yarn config get cacheFolder)" >> "$GITHUB_OUTPUT"',
          ...(folder === null ? [] : [`        working-directory: ${scalar(folder)}`]),
          ...downloads('${{ steps.yarn.outputs.folder }}', 'yarn', lockFile),
        ]),
  ];
}

function downloads(folder: string, name: string, lockFile: string | null): string[] {
  if (lockFile === null) return [];
  return [
    '      - uses: actions/cache@v5',
    '        with:',
    `          path: ${folder}`,
    `          key: ${name}-\${{ matrix.target }}-\${{ hashFiles('${escaped(lockFile)}') }}`,
    `          restore-keys: ${name}-\${{ matrix.target }}-`,
  ];
}

function pythonSteps({ pythonVersions, usesUv, requirementFiles }: WorkflowFacts): string[] {
  const [only, ...others] = pythonVersions;
  const versions =
    others.length === 0
      ? [`        with: { python-version: '${only ?? '3.12'}' }`]
      : [
          '        with:',
          '          python-version: |',
          ...pythonVersions.map((version) => `            ${version}`),
        ];
  const hash = requirementFiles.map((file) => `'${escaped(file)}'`).join(', ');
  return [
    '      - uses: actions/setup-python@v6',
    ...versions,
    ...(usesUv ? ['      - uses: astral-sh/setup-uv@v7', '        with: { enable-cache: false }'] : []),
    ...(requirementFiles.length === 0
      ? []
      : [
          '      # What pip and uv downloaded, where each system keeps it.',
          '      - uses: actions/cache@v5',
          '        with:',
          '          path: |',
          ...[
            '~/.cache/pip',
            '~/.cache/uv',
            '~/Library/Caches/pip',
            '~/AppData/Local/pip/Cache',
            '~/AppData/Local/uv/cache',
          ].map((folder) => `            ${folder}`),
          `          key: python-\${{ matrix.target }}-\${{ hashFiles(${hash}) }}`,
          '          restore-keys: python-${{ matrix.target }}-',
        ]),
  ];
}

/** Inside a text of an expression. */
function escaped(text: string): string {
  return text.replaceAll("'", "''");
}

/** A text as YAML writes it, within a line or a flow map. Pure. */
function scalar(text: string): string {
  const rest = text.replaceAll('${{ matrix.target }}', '');
  const isPlain =
    /^[A-Za-z_./~][\w./ @=+&:*~-]*$/.test(rest) &&
    !/: |:$|^(?:true|false|null|yes|no|on|off|~)$| $/i.test(rest);
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`;
}
