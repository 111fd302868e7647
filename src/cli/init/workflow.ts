import type { DetectedProject } from './detect-host.js';
import { runCommand } from './package-manager.js';

/** Where the workflow goes. */
export const workflowFile = '.github/workflows/build.yml';

/**
 * A GitHub workflow that builds the app on each system, because PyInstaller freezes for the system it runs on. The cache
 * of frozen bundles is restored by the key that `build --cache-key` prints; inside it every bundle is found by its own
 * content, so a stale cache costs time and never a wrong bundle.
 */
export function workflowText(project: DetectedProject): string {
  const { packageManager } = project;
  const install = {
    npm: 'npm ci',
    pnpm: 'pnpm install --frozen-lockfile',
    yarn: 'yarn install --frozen-lockfile',
    berry: 'yarn install --immutable',
    bun: 'bun install --frozen-lockfile',
  }[packageManager];
  const execute = runCommand[packageManager];
  const program = packageManager === 'berry' ? 'yarn' : packageManager;
  const scripts = project.packageJson['scripts'];
  const hasMake = typeof scripts === 'object' && scripts !== null && 'make' in scripts;
  const make =
    project.forge === null
      ? `${execute} electron-builder --publish never`
      : // Projects with a compiler run it there.
        hasMake
        ? `${program} run make`
        : `${execute} electron-forge make`;
  const output = project.forge === null ? 'dist/*.*' : 'out/make/**';
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
        with: { node-version: 22${packageManager === 'bun' ? '' : `, cache: ${program}`} }
      - uses: actions/setup-python@v5
        with: { python-version: '3.12' }
      - run: ${install}
      # The key changes with the sources, the requirements and the configuration of the backends.
      - id: backends
        shell: bash
        run: echo "key=$(${execute} electron-pyinstaller build --cache-key)" >> "$GITHUB_OUTPUT"
      - uses: actions/cache@v4
        with:
          path: .cache/electron-pyinstaller
          key: \${{ steps.backends.outputs.key }}
          restore-keys: electron-pyinstaller-\${{ matrix.target }}-
      - run: ${execute} electron-pyinstaller doctor
      - run: ${make}
      - uses: actions/upload-artifact@v4
        with:
          name: app-\${{ matrix.target }}
          path: ${output}
          if-no-files-found: error
`;
}
