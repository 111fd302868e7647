/** The layouts that are tried. */
import type { Need } from './machine.ts';
import type { ManagerName } from './managers.ts';
import { flaskWithSpec, leaveOldGlue, withOldGlue, withUvProject } from './newcomers.ts';
import { typed } from './typed.ts';
import { bringArm64, useZipAndDeb } from './preparations.ts';
import {
  fromElectronVite,
  fromForgeTemplate,
  type Maker,
  plainBuilder,
  plainForge,
  unplugElectron,
  workspace,
} from './projects.ts';

/** One layout. */
export interface Row {
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  readonly manager: ManagerName;
  readonly create: (maker: Maker) => Promise<void>;
  /** The file of the main process, the one that is edited by hand. */
  readonly main: string;
  /** Commands that package, tried at once when there are several. */
  readonly package?: readonly string[];
  /** How many packaged apps come out; default 1. */
  readonly apps?: number;
  /** Folder of the app's project; default `app`. */
  readonly folder?: string;
  /** Where the Python program is, relative to the project; default `backend`. */
  readonly backend?: string;
  /** Its files; default: a FastAPI application in a package. */
  readonly python?: Readonly<Record<string, string>>;
  /** What `init` says that a person has to do besides, done by that person. Gives the files that were edited. */
  readonly edit?: (project: string, printed: readonly string[]) => Promise<readonly string[]>;
  /** Lines for the main process instead of those that `init` prints; one makes a `response`. */
  readonly use?: readonly string[];
  /** What that response must say. */
  readonly answer?: string;
  /** The command that `init` prints for packaging is used instead of `package`, with what spares this machine tools it does not have. */
  readonly hintedPackage?: string;
  /** What a layout needs besides, after development and before packaging. */
  readonly prepare?: (project: string, run: (command: string) => Promise<unknown>) => Promise<void>;
  /** What the machine must have, besides what all need. */
  readonly needs?: readonly Need[];
  /** The host is too old: `doctor` and the host's own start say so, in words that match. */
  readonly refusal?: RegExp;
  /** Why nobody can run it. */
  readonly skip?: string;
}

const forgePackage = ['npm run package'];
const builderDir = ['npx electron-builder --dir'];
/** A folder of the project that is no output of this packaging is a part of the app, and the other one changes it meanwhile. */
const withoutOutput = "-c.files='!out-*'";
const plainApp = { main: 'main.js', create: plainBuilder, manager: 'npm' } as const;

const forgePlain = (version: string): Row => ({
  name: `forge-${version}-plain`,
  title: `Forge ${version}, CommonJS without a bundler`,
  manager: 'npm',
  create: plainForge(version),
  main: 'main.js',
  package: forgePackage,
});

/** What a newcomer does: nothing but what README.md and `init` say. */
const newcomers: readonly Row[] = [
  {
    name: 'newcomer-forge',
    title: 'Newcomer: Forge 8, vite-typescript, FastAPI in a package',
    manager: 'npm',
    create: fromForgeTemplate('vite', '8.0.0-alpha.10', '8.0.1'),
    main: 'src/main.ts',
    hintedPackage: '-- --targets=@electron-forge/maker-zip',
    needs: ['zip'],
  },
  {
    name: 'newcomer-migration',
    title: 'Newcomer: electron-vite, Flask, a .spec and hand-written glue',
    manager: 'npm',
    create: withOldGlue(fromElectronVite),
    python: flaskWithSpec,
    edit: leaveOldGlue,
    main: 'src/main/index.ts',
    hintedPackage: '--dir',
  },
  {
    name: 'newcomer-workspace',
    title: 'Newcomer: a workspace, its backend a project of uv',
    manager: 'pnpm',
    create: withUvProject(workspace(plainBuilder)),
    python: {},
    main: 'main.js',
    folder: 'apps/desktop',
    backend: '../../services/engine',
    hintedPackage: '--dir',
  },
];

/** All of them. */
export const rows: readonly Row[] = [
  {
    name: 'forge-8-vite-typescript',
    title: 'Forge 8.0.1, template vite-typescript',
    manager: 'npm',
    create: fromForgeTemplate('vite', '8.0.0-alpha.10', '8.0.1'),
    main: 'src/main.ts',
    package: forgePackage,
  },
  {
    name: 'forge-8-webpack-typescript',
    title: 'Forge 8.0.1, template webpack-typescript',
    manager: 'npm',
    create: fromForgeTemplate('webpack', '8.0.0-alpha.10', '8.0.1'),
    main: 'src/index.ts',
    package: forgePackage,
    skip: 'npm has the webpack plugin for Forge 8 as an alpha only, which does not go with Forge 8.0.1',
  },
  {
    name: 'forge-7-vite-typescript',
    title: 'Forge 7.11.2, template vite-typescript',
    manager: 'npm',
    create: fromForgeTemplate('vite', '7.11.2', '7.11.2'),
    main: 'src/main.ts',
    package: forgePackage,
  },
  {
    name: 'forge-7-webpack-typescript',
    title: 'Forge 7.11.2, template webpack-typescript',
    manager: 'npm',
    create: fromForgeTemplate('webpack', '7.11.2', '7.11.2'),
    main: 'src/index.ts',
    package: forgePackage,
  },
  forgePlain('8.0.1'),
  forgePlain('7.11.2'),
  forgePlain('7.6.0'),
  ...['7.5.0', '7.0.0'].map((version) => ({
    ...forgePlain(version),
    refusal: /(?:The Python backends need [^.]*|versions before )7\.6[^[\]]*/,
  })),
  {
    ...forgePlain('8.0.1'),
    name: 'forge-makers',
    title: 'Forge 8.0.1, makers zip and deb in one `make`',
    prepare: useZipAndDeb,
    package: ['npm run make'],
    needs: ['dpkg', 'zip'],
  },
  {
    ...forgePlain('8.0.1'),
    name: 'forge-arch-list',
    title: 'Forge 8.0.1, `--arch x64,arm64`, one of them prebuilt',
    prepare: bringArm64,
    package: ['npx electron-forge package --arch=x64,arm64'],
    apps: 2,
  },
  {
    name: 'electron-vite',
    title: 'electron-vite 5 with electron-builder 26',
    manager: 'npm',
    create: fromElectronVite,
    main: 'src/main/index.ts',
    package: ['npm run build:unpack'],
  },
  {
    name: 'typed-forge',
    title: 'Types of 60 routes: Forge 8.0.1, template vite-typescript',
    manager: 'npm',
    create: fromForgeTemplate('vite', '8.0.0-alpha.10', '8.0.1'),
    main: 'src/main.ts',
    package: forgePackage,
    ...typed({ main: 'src', preload: 'src/preload.ts', page: 'src/renderer.ts' }),
  },
  {
    name: 'typed-electron-vite',
    title: 'Types of 60 routes: electron-vite 5 with electron-builder 26',
    manager: 'npm',
    create: fromElectronVite,
    main: 'src/main/index.ts',
    package: ['npm run build:unpack'],
    ...typed({
      main: 'src/main',
      preload: 'src/preload/index.ts',
      page: 'src/renderer/src/renderer.ts',
      pageProject: 'tsconfig.web.json',
    }),
  },
  {
    ...plainApp,
    name: 'builder-plain',
    title: 'electron-builder 26, `build` in package.json',
    package: builderDir,
  },
  {
    ...plainApp,
    name: 'builder-targets',
    title: 'electron-builder 26, targets zip and tar.gz in one run',
    package: ['npx electron-builder --linux zip tar.gz'],
    needs: ['github'],
  },
  {
    ...plainApp,
    name: 'builder-arch-list',
    title: 'electron-builder 26, `--x64 --arm64`, one of them prebuilt',
    prepare: bringArm64,
    package: ['npx electron-builder --dir --x64 --arm64'],
    apps: 2,
  },
  {
    ...plainApp,
    name: 'two-at-once',
    title: 'electron-builder 26, two packagings at once',
    package: [
      `npx electron-builder --dir -c.directories.output=out-one ${withoutOutput}`,
      `npx electron-builder --dir -c.directories.output=out-two ${withoutOutput}`,
    ],
    apps: 2,
  },
  {
    ...plainApp,
    name: 'path-with-space',
    title: 'electron-builder 26, a path with spaces, é and 測試',
    package: builderDir,
    folder: 'my äpp é 測試',
  },
  {
    ...plainApp,
    name: 'backend-beside',
    title: 'electron-builder 26, the backend beside the app',
    package: builderDir,
    backend: '../backend',
  },
  {
    ...plainApp,
    name: 'npm-workspaces',
    title: 'electron-builder 26, the app and the backend in a workspace',
    create: workspace(plainBuilder),
    folder: 'apps/desktop',
    backend: '../../services/engine',
    package: builderDir,
  },
  {
    ...plainApp,
    name: 'pnpm-workspace',
    title: 'electron-builder 26, the app and the backend in a workspace',
    manager: 'pnpm',
    create: workspace(plainBuilder),
    folder: 'apps/desktop',
    backend: '../../services/engine',
    package: ['pnpm exec electron-builder --dir'],
  },
  {
    ...plainApp,
    name: 'pnpm-isolated',
    title: 'electron-builder 26, `build` in package.json',
    manager: 'pnpm',
    package: ['pnpm exec electron-builder --dir'],
  },
  {
    ...plainApp,
    name: 'pnpm-hoisted',
    title: 'electron-builder 26, `build` in package.json',
    manager: 'pnpm-hoisted',
    package: ['pnpm exec electron-builder --dir'],
  },
  {
    ...forgePlain('8.0.1'),
    name: 'forge-pnpm-hoisted',
    manager: 'pnpm-hoisted',
    package: ['pnpm run package'],
  },
  {
    ...plainApp,
    name: 'yarn-1',
    title: 'electron-builder 26, `build` in package.json',
    manager: 'yarn-1',
    package: ['yarn electron-builder --dir'],
  },
  {
    ...plainApp,
    name: 'yarn-pnp',
    title: 'electron-builder 26, `build` in package.json',
    manager: 'yarn-pnp',
    create: unplugElectron(plainBuilder),
    package: ['yarn electron-builder --dir'],
  },
  {
    ...plainApp,
    name: 'builder-27',
    title: 'electron-builder 27',
    package: builderDir,
    skip: 'npm has no version 27 yet',
  },
  ...newcomers,
];
