import type { DetectedProject } from './detect-host.js';

/** Where the workflow goes. */
export const workflowFile = '.github/workflows/build.yml';

/**
 * A GitHub workflow that builds the app on each system, because PyInstaller freezes for the system it runs on. The cache
 * of frozen bundles is restored by a key over everything a backend is made from; inside it every bundle is found by its
 * own content, so a stale cache costs time and never a wrong bundle.
 */
export function workflowText(project: DetectedProject, source: string): string {
  const { packageManager } = project;
  const install = {
    npm: 'npm ci',
    pnpm: 'pnpm install --frozen-lockfile',
    yarn: 'yarn install --immutable',
    bun: 'bun install --frozen-lockfile',
  }[packageManager];
  const execute = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx' }[packageManager];
  const make =
    project.forge === null ? `${execute} electron-builder --publish never` : `${execute} electron-forge make`;
  const output = project.forge === null ? 'dist/*.*' : 'out/make/**';
  const hashed = [
    'pyinstaller.config.*',
    source === '.' ? '**/*.py' : `${source}/**`,
    '**/requirements*.txt',
    '**/pyproject.toml',
    '**/*.lock',
  ]
    .map((pattern) => `'${pattern}'`)
    .join(', ');
  return `# Written by electron-pyinstaller init. PyInstaller freezes for the system it runs on, so each system builds its own.
name: build
on:
  push: { branches: [main] }
  pull_request:
  workflow_dispatch:
jobs:
  build:
    strategy:
      fail-fast: false
      matrix:
        include:
          - { os: ubuntu-22.04, target: linux-x64 } # an old release on purpose: its glibc is the oldest the app will run on
          - { os: windows-latest, target: win32-x64 }
          - { os: macos-15-intel, target: darwin-x64 }
          - { os: macos-15, target: darwin-arm64 }
    runs-on: \${{ matrix.os }}
    env:
      ELECTRON_PYINSTALLER_CACHE: \${{ github.workspace }}/.cache/electron-pyinstaller
    steps:
      - uses: actions/checkout@v4
${packageManager === 'pnpm' ? '      - uses: pnpm/action-setup@v4\n' : ''}${packageManager === 'bun' ? '      - uses: oven-sh/setup-bun@v2\n' : ''}      - uses: actions/setup-node@v4
        with: { node-version: 22${packageManager === 'bun' ? '' : `, cache: ${packageManager}`} }
      - uses: actions/setup-python@v5
        with: { python-version: '3.12' }
      - uses: actions/cache@v4
        with:
          path: .cache/electron-pyinstaller
          key: pyinstaller-\${{ matrix.target }}-\${{ hashFiles(${hashed}) }}
          restore-keys: pyinstaller-\${{ matrix.target }}-
      - run: ${install}
      - run: ${execute} electron-pyinstaller doctor
      - run: ${make}
      - uses: actions/upload-artifact@v4
        with:
          name: app-\${{ matrix.target }}
          path: ${output}
          if-no-files-found: error
`;
}
